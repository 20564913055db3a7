/* What others do while a call waits comes from an interrupt. */

#include "meanwhile.h"
#include "board.h"

static void (*happens)(void *);
static void *happens_to;
static volatile uint32_t happened;

void board_interrupt(void) {
    happens(happens_to);
    happened = 1;
}

void meanwhile(void (*what)(void *), void *context) {
    happens = what;
    happens_to = context;
    happened = 0;
    board_raise();
    while (happened == 0u) {
    }
}
