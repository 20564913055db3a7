/* QEMU's virt: RV32IMAC. The machine timer is the tick's and the program's
 * both, so the kernel leaves it to interrupts_riscv.c. */

#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#define configCPU_CLOCK_HZ 10000000
#define configMTIME_BASE_ADDRESS 0
#define configMTIMECMP_BASE_ADDRESS 0
#define configISR_STACK_SIZE_WORDS 512
#define configMINIMAL_STACK_SIZE 160

#include "common.h"

#endif
