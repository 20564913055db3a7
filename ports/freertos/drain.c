/* The drain task: sleeps until an interrupt has cancelled something. A hook that
 * waits for something of quell takes the task's notifications meanwhile, one
 * that asks for a drain with them; so that is written down as well. */

#include "quell_port_freertos.h"

#if configSUPPORT_STATIC_ALLOCATION != 1
#error "configSUPPORT_STATIC_ALLOCATION MUST be 1"
#endif

static StackType_t stack[QUELL_FREERTOS_DRAIN_STACK];
static StaticTask_t memory;
static TaskHandle_t task;
static volatile BaseType_t wanted;
static volatile BaseType_t woken;

static void drain(void *nothing) {
    (void)nothing;
    for (;;) {
        while (wanted == pdFALSE) {
            (void)ulTaskNotifyTakeIndexed(QUELL_FREERTOS_NOTIFICATION_INDEX, pdTRUE,
                                          portMAX_DELAY);
        }
        wanted = pdFALSE;
        quell_drain();
    }
}

void quell_freertos_start(void) {
    task = xTaskCreateStatic(drain, "quell", QUELL_FREERTOS_DRAIN_STACK, NULL,
                             QUELL_FREERTOS_DRAIN_PRIORITY, stack, &memory);
}

TaskHandle_t quell_freertos_drain_task(void) { return task; }

BaseType_t quell_freertos_woken(void) {
    BaseType_t was = woken;
    woken = pdFALSE;
    return was;
}

void quell_freertos_notify(TaskHandle_t whom) {
    if (quell_freertos_inside_interrupt() != pdFALSE) {
        BaseType_t higher = pdFALSE;
        vTaskNotifyGiveIndexedFromISR(whom, QUELL_FREERTOS_NOTIFICATION_INDEX, &higher);
        if (higher != pdFALSE) {
            woken = pdTRUE;
        }
    } else {
        (void)xTaskNotifyGiveIndexed(whom, QUELL_FREERTOS_NOTIFICATION_INDEX);
    }
}

void quell_port_1_pend_drain(void) {
    wanted = pdTRUE;
    /* Before the scheduler starts the kernel's calls would leave interrupts
     * masked; and the task begins with a look. */
    if (xTaskGetSchedulerState() != taskSCHEDULER_NOT_STARTED) {
        configASSERT(task != NULL); /* quell_freertos_start() has not been called */
        quell_freertos_notify(task);
    }
}
