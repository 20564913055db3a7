/*
 * Where that happens which others do while a call waits: in this thread, which
 * goes on; on a board in an interrupt.
 */
#ifndef MEANWHILE_H
#define MEANWHILE_H

#ifdef CONFORMANCE_ON_BOARD
void meanwhile(void (*what)(void *), void *context);
#else
static inline void meanwhile(void (*what)(void *), void *context) { what(context); }
#endif

#endif
