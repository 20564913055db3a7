/* Arm MPS2 AN505 under an emulator: Cortex-M33, all of it in the secure state. */

#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#define configCPU_CLOCK_HZ 20000000
#define configMINIMAL_STACK_SIZE 160
#define configMAX_SYSCALL_INTERRUPT_PRIORITY 0x20
#define configENABLE_TRUSTZONE 0
#define configRUN_FREERTOS_SECURE_ONLY 1
#define configENABLE_FPU 1
#define configENABLE_MPU 0

#include "common.h"

#endif
