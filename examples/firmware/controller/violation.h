/* What must not be, and was: noted in any context, printed at the end. */

#ifndef VIOLATION_H
#define VIOLATION_H

#include <stdbool.h>
#include <stdint.h>

void violations_init(void);
/* `what` stays in place; `detail` is a command identifier or what `what` says. */
void violation(const char *what, uint32_t detail);
/* Prints the first of them, and says how many there were. */
uint32_t violations_print(void);

static inline void require(bool holds, const char *what, uint32_t detail) {
    if (!holds) {
        violation(what, detail);
    }
}

#endif
