#include "actors.h"

#include <quell.h>
#include <stdio.h>

#define STACK (configMINIMAL_STACK_SIZE + 160)
#define NOTES 16u

struct actor {
    StaticTask_t memory;
    StackType_t stack[STACK];
    TaskHandle_t task;
    actor_job job;
    volatile bool busy;
};

static struct actor actors[ACTORS];

static struct { const char *what, *detail; } notes[NOTES];
static volatile uint32_t noted;

static void act(void *argument) {
    struct actor *actor = argument;
    for (;;) {
        vTaskSuspend(NULL);
        actor->job((uint32_t)(actor - actors));
        actor->busy = false;
    }
}

void actors_create(void) {
    for (uint32_t index = 0; index < ACTORS; index++) {
        actors[index].task =
            xTaskCreateStatic(act, "actor", STACK, &actors[index], configMAX_PRIORITIES - 2,
                              actors[index].stack, &actors[index].memory);
    }
}

void actor_begin(uint32_t index, UBaseType_t priority, actor_job job) {
    actors[index].job = job;
    actors[index].busy = true;
    vTaskPrioritySet(actors[index].task, priority);
    vTaskResume(actors[index].task);
}

bool actors_are_done(void) {
    for (uint32_t index = 0; index < ACTORS; index++) {
        if (actors[index].busy) {
            return false;
        }
    }
    return true;
}

TaskHandle_t actor_task(uint32_t index) { return actors[index].task; }

void note(const char *what, const char *detail) {
    uint32_t saved = quell_port_1_critical_enter();
    if (noted < NOTES) {
        notes[noted].what = what;
        notes[noted].detail = detail;
    }
    noted++;
    quell_port_1_critical_exit(saved);
}

void notes_print(const char *title) {
    printf("%s\n", title);
    for (uint32_t index = 0; index < noted && index < NOTES; index++) {
        printf("  %s%s%s\n", notes[index].what, notes[index].detail[0] == '\0' ? "" : ": ",
               notes[index].detail);
    }
    if (noted > NOTES) {
        printf("  and more\n");
    }
    noted = 0;
}
