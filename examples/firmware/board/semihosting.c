/* The emulator's own services: the words of its command line, and an exit. */

#include "semihosting.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define GET_COMMAND_LINE 0x15u
#define EXIT 0x18u
#define STOPPED_BY_ERROR 0x20023u

#define LONGEST_LINE 512
#define MOST_ARGUMENTS 32

#if defined(__ARM_ARCH)

static int semihosting(uint32_t operation, void *argument) {
    register uint32_t call __asm__("r0") = operation;
    register void *with __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(call) : "r"(with) : "memory");
    return (int)call;
}

#else

/* The emulator looks for these three, uncompressed and on one page. */
int semihosting(uint32_t operation, void *argument);
__asm__(".pushsection .text.semihosting, \"ax\"\n\t"
        ".option push\n\t"
        ".option norvc\n\t"
        ".balign 16\n"
        "semihosting:\n\t"
        "slli zero, zero, 0x1f\n\t"
        "ebreak\n\t"
        "srai zero, zero, 7\n\t"
        "ret\n\t"
        ".option pop\n\t"
        ".popsection");

#endif

int semihosting_arguments(char ***argv) {
    static char line[LONGEST_LINE];
    static char *arguments[MOST_ARGUMENTS + 1];
    struct {
        char *buffer;
        size_t size;
    } asked = {line, sizeof line};
    int count = 0;
    *argv = arguments;
    if (semihosting(GET_COMMAND_LINE, &asked) != 0) {
        return 0;
    }
    for (char *word = strtok(line, " "); word != NULL && count < MOST_ARGUMENTS;
         word = strtok(NULL, " ")) {
        arguments[count++] = word;
    }
    return count;
}

void semihosting_abort(void) {
    for (;;) {
        semihosting(EXIT, (void *)STOPPED_BY_ERROR);
    }
}
