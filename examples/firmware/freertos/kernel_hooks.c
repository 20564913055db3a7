/* What the kernel calls where nothing is to be done, and where something is
 * wrong with the program. */

#define _POSIX_C_SOURCE 200809L

#include <FreeRTOS.h>

#include <task.h>

#include <stdio.h>
#include <stdlib.h>

#if defined(__unix__)

#include <time.h>

#define IDLE_NANOSECONDS 100000

/* Ended early by any signal. */
void vApplicationIdleHook(void) {
    const struct timespec some = {0, IDLE_NANOSECONDS};
    nanosleep(&some, NULL);
}

#else

void vApplicationIdleHook(void) { __asm__ volatile("wfi" ::: "memory"); }

#endif

void config_assert_failed(const char *file, int line) {
    printf("assertion: %s:%d\n", file, line);
    fflush(stdout);
    _Exit(1);
}

void vApplicationStackOverflowHook(TaskHandle_t task, char *name) {
    (void)task;
    printf("stack overflow: %s\n", name);
    fflush(stdout);
    _Exit(1);
}
