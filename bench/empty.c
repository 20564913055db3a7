/* The floor of a poll out of line: a call that does nothing. */
#include <stdint.h>

#define PASTE(a, b) a##b
#define NAME(a, b) PASTE(a, b)
#define EMPTY NAME(CALLS, _empty)

uint32_t EMPTY(const void *polled);
uint32_t EMPTY(const void *polled) {
    (void)polled;
    return 0;
}
