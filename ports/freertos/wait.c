/* Waiting is taking a task notification, and waking is giving it: one that was
 * given before it is taken is not lost.
 *
 * A task may see that it was signalled before the wake that belongs to the
 * signal is called, and may be gone by then. So who waits is on a list, on the
 * waiting stacks, and only who is on it is notified. A task enters the list and
 * leaves it with interrupts masked, for a constant time. Whoever looks for one
 * on it is an interrupt, which no task can change it under, or a task that has
 * stopped the scheduler, which keeps the other tasks away and masks nothing. */

#include "quell_port_freertos.h"

#if configUSE_TASK_NOTIFICATIONS != 1 || configTASK_NOTIFICATION_ARRAY_ENTRIES < 2
#error "configTASK_NOTIFICATION_ARRAY_ENTRIES MUST be 2 or more: index 0 is the program's"
#endif

#define MICROSECONDS 1000000u

struct waiting {
    TaskHandle_t task;
    struct waiting *next, **link;
};

static struct waiting *first;

/* False: the signal has been given. Looked at on the list, for a wake that comes
 * before that finds nobody. */
static BaseType_t enlist(struct waiting *self, const uint32_t *signal) {
    BaseType_t waits = pdFALSE;
    uint32_t saved = quell_port_1_critical_enter();
    if (*(const volatile uint32_t *)signal == 0u) {
        self->next = first;
        self->link = &first;
        if (first != NULL) {
            first->link = &self->next;
        }
        first = self;
        waits = pdTRUE;
    }
    quell_port_1_critical_exit(saved);
    return waits;
}

static void delist(const struct waiting *self) {
    uint32_t saved = quell_port_1_critical_enter();
    *self->link = self->next;
    if (self->next != NULL) {
        self->next->link = self->link;
    }
    quell_port_1_critical_exit(saved);
}

/* As many as it takes at least; quell looks at the clock, and waits again. */
static TickType_t ticks_of(uint64_t limit_us) {
    uint64_t seconds = limit_us / MICROSECONDS;
    uint64_t rest = limit_us % MICROSECONDS * configTICK_RATE_HZ;
    if (limit_us == UINT64_MAX) {
        return portMAX_DELAY;
    }
    if (seconds >= (portMAX_DELAY - 1u) / configTICK_RATE_HZ - 1u) {
        return portMAX_DELAY - 1u;
    }
    return (TickType_t)(seconds * configTICK_RATE_HZ +
                        (rest + MICROSECONDS - 1u) / MICROSECONDS);
}

void quell_port_1_wait(const uint32_t *signal, uint64_t limit_us) {
    struct waiting self = {xTaskGetCurrentTaskHandle(), NULL, NULL};
    if (enlist(&self, signal) == pdFALSE) {
        return;
    }
    (void)ulTaskNotifyTakeIndexed(QUELL_FREERTOS_NOTIFICATION_INDEX, pdTRUE,
                                  ticks_of(limit_us));
    delist(&self);
}

static void wake_listed(uintptr_t context) {
    for (const struct waiting *waiting = *(struct waiting *volatile *)&first; waiting != NULL;
         waiting = waiting->next) {
        if ((uintptr_t)waiting->task == context) {
            quell_freertos_notify(waiting->task);
            return;
        }
    }
}

void quell_port_1_wake(uintptr_t context) {
    if (*(struct waiting *volatile *)&first == NULL) {
        return;
    }
    if (quell_freertos_inside_interrupt() != pdFALSE) {
        wake_listed(context);
        return;
    }
    /* As the kernel's own stream buffers do. */
    vTaskSuspendAll();
    wake_listed(context);
    (void)xTaskResumeAll();
}
