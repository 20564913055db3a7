/* What the boards' FreeRTOSConfig.h have in common. */

#ifndef CONFIG_COMMON_H
#define CONFIG_COMMON_H

/* What quell's port asks for. */
#define configUSE_TASK_NOTIFICATIONS 1
#define configTASK_NOTIFICATION_ARRAY_ENTRIES 2
#define configSUPPORT_STATIC_ALLOCATION 1
#define INCLUDE_xTaskGetSchedulerState 1
#define INCLUDE_xTaskGetCurrentTaskHandle 1
#define INCLUDE_vTaskSuspend 1
#define configUSE_PREEMPTION 1

#define configSUPPORT_DYNAMIC_ALLOCATION 0
#define configKERNEL_PROVIDED_STATIC_MEMORY 1
#define configMAX_PRIORITIES 8
#define configMAX_TASK_NAME_LEN 12
#define configTICK_RATE_HZ 1000
#define configTICK_TYPE_WIDTH_IN_BITS TICK_TYPE_WIDTH_32_BITS
/* It wraps while the programs run. */
#define configINITIAL_TICK_COUNT ((TickType_t)0 - 25)
#define configUSE_TIME_SLICING 0
#define configUSE_TICK_HOOK 0
#define configUSE_IDLE_HOOK 1 /* kernel_hooks.c: sleeps */
#define configUSE_MUTEXES 0
#define configUSE_TIMERS 0
#define configCHECK_FOR_STACK_OVERFLOW 2
#define INCLUDE_eTaskGetState 1
#define INCLUDE_vTaskDelay 1
#define INCLUDE_vTaskDelete 1
#define INCLUDE_vTaskPrioritySet 1
#define INCLUDE_uxTaskGetStackHighWaterMark 1

#ifndef __ASSEMBLER__
#include <stdint.h>
/* Ends the program as failed: kernel_hooks.c. */
void config_assert_failed(const char *file, int line);
#define configASSERT(condition)                                                                \
    do {                                                                                       \
        if (!(condition)) {                                                                    \
            config_assert_failed(__FILE__, __LINE__);                                          \
        }                                                                                      \
    } while (0)
#endif

#endif
