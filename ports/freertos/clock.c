/* Microseconds from the tick, which the kernel extends by a count of its wraps:
 * a limit of a wait is kept to within a tick. A program with a finer clock
 * defines quell_port_1_now_us itself. */

#include "quell_port_freertos.h"

#define MICROSECONDS 1000000u

/* The wraps in the upper half; a tick of 64 bits has none. */
static uint64_t ticks(void) {
    const unsigned half = 4u * (unsigned)sizeof(TickType_t);
    TimeOut_t now;
    vTaskSetTimeOutState(&now);
    return (uint64_t)now.xOverflowCount << half << half | now.xTimeOnEntering;
}

uint64_t quell_port_1_now_us(void) {
    uint64_t passed = ticks();
    return passed / configTICK_RATE_HZ * MICROSECONDS +
           passed % configTICK_RATE_HZ * MICROSECONDS / configTICK_RATE_HZ;
}
