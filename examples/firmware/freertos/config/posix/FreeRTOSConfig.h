/* The kernel's simulator on a POSIX system. */

#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

/* Its stacks are the threads': what is given here holds a few words only. */
#define configMINIMAL_STACK_SIZE 256
#include "common.h"

#endif
