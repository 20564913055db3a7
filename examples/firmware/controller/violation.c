#include "violation.h"

#include <stdio.h>

#include "machine.h"

#define SHOWN 8u

static uint32_t noted;
static struct {
    const char *what;
    uint32_t detail;
} shown[SHOWN];

void violations_init(void) { noted = 0; }

void violation(const char *what, uint32_t detail) {
    uint32_t saved = machine_mask();
    if (noted < SHOWN) {
        shown[noted].what = what;
        shown[noted].detail = detail;
    }
    noted++;
    machine_unmask(saved);
}

uint32_t violations_print(void) {
    for (uint32_t index = 0; index < noted && index < SHOWN; index++) {
        printf("  VIOLATION: %s (0x%lX)\n", shown[index].what,
               (unsigned long)shown[index].detail);
    }
    if (noted > SHOWN) {
        printf("  VIOLATION: and %lu more\n", (unsigned long)(noted - SHOWN));
    }
    return noted;
}
