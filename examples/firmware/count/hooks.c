/* Operations that tell: their verbs with nobody to tell, hooks by number, what an
 * interrupt leaves to the drain, and waiting for what has happened. */

#include "count.h"

#include <stdio.h>

#define MOST 64u

static quell_source_t source, more[MOST];
static quell_handle_t owner, owners[MOST];
static quell_worker_t worker, workers[MOST];
static quell_hook_t hooks[MOST];
static volatile uint32_t told;

static void note(void *context, const quell_told_t *what) {
    (void)context;
    (void)what;
    told++;
}

static void start(quell_source_t *which, quell_handle_t *owner_of, quell_worker_t *worker_of) {
    HOLDS(quell_source_arm(which, QUELL_MODE_DECISIVE, owner_of) == QUELL_OK);
    HOLDS(quell_op_start(owner_of, worker_of) == QUELL_OK);
}

static void listen(quell_hook_t *hook, uint32_t events) {
    HOLDS(quell_hook_add(&owner, hook, note, NULL, events, NULL) == QUELL_OK);
}

static void retire(void) {
    HOLDS(quell_settle(&owner) == QUELL_OK);
    HOLDS(quell_op_retire(&owner) == QUELL_OK);
}

static void nobody_to_tell(void) {
    COUNT("source: arm", quell_source_arm(&source, QUELL_MODE_DECISIVE, &owner), QUELL_OK);
    COUNT("source: start", quell_op_start(&owner, &worker), QUELL_OK);
    COUNT("source: commit", quell_op_commit(&worker), QUELL_OK);
    COUNT("source: finish", quell_op_finish(&worker), QUELL_OK);
    COUNT("source: settle", quell_settle(&owner), QUELL_OK);
    COUNT("source: retire", quell_op_retire(&owner), QUELL_OK);
    start(&source, &owner, &worker);
    COUNT("source: cancel", quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
          QUELL_CANCELLING);
    COUNT("source: acknowledge", quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE), QUELL_OK);
    retire();
}

static void adding(void) {
    start(&source, &owner, &worker);
    COUNT("hook add", quell_hook_add(&owner, &hooks[0], note, NULL, QUELL_EVENT_REQUEST, NULL),
          QUELL_OK);
    COUNT("hook detach", quell_hook_detach(&owner, &hooks[0]), QUELL_OK);
    for (uint32_t i = 0; i < MOST - 1u; i++) {
        listen(&hooks[i], QUELL_EVENT_REQUEST);
    }
    COUNT("hook add (to 63)",
          quell_hook_add(&owner, &hooks[MOST - 1u], note, NULL, QUELL_EVENT_REQUEST, NULL),
          QUELL_OK);
    COUNT("hook detach (of 64)", quell_hook_detach(&owner, &hooks[MOST / 2u]), QUELL_OK);
    COUNT("hook detach_sync (of 63)", quell_hook_detach_sync(&owner, &hooks[0]), QUELL_OK);
    for (uint32_t i = 0; i < MOST; i++) {
        (void)quell_hook_detach(&owner, &hooks[i]);
    }
    COUNT("source: fail", quell_op_fail(&worker, 77u), QUELL_OK);
    COUNT("hook add (too late)",
          quell_hook_add(&owner, &hooks[0], note, NULL, QUELL_EVENT_END, NULL), QUELL_HAPPENED);
    retire();
}

static const char *named(const char *call, uint32_t number, const char *of_what) {
    static char name[48];
    (void)snprintf(name, sizeof name, "%s: %u %s", call, (unsigned)number, of_what);
    return name;
}

/* The hooks want to hear of the end as well, and stay. */
static void telling_and_staying(uint32_t number) {
    const char *name = named("cancel, the hooks stay", number, "hooks");
    told = 0;
    start(&source, &owner, &worker);
    for (uint32_t i = 0; i < number; i++) {
        listen(&hooks[i], QUELL_EVENT_REQUEST | QUELL_EVENT_END);
    }
    COUNT(name, quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
          QUELL_CANCELLING);
    HOLDS(told == number);
    HOLDS(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE) == QUELL_OK);
    HOLDS(told == 2u * number);
    retire();
}

/* The hooks are told one thing each. */
static void telling(uint32_t number) {
    const char *name;
    told = 0;
    start(&source, &owner, &worker);
    for (uint32_t i = 0; i < number; i++) {
        listen(&hooks[i], QUELL_EVENT_REQUEST);
    }
    name = named("cancel", number, "hooks");
    COUNT(name, quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
          QUELL_CANCELLING);
    HOLDS(told == number);
    for (uint32_t i = 0; i < number; i++) {
        listen(&hooks[i], QUELL_EVENT_END);
    }
    name = named("acknowledge", number, "hooks");
    COUNT(name, quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE), QUELL_OK);
    HOLDS(told == 2u * number);
    retire();
    start(&source, &owner, &worker);
    for (uint32_t i = 0; i < number; i++) {
        listen(&hooks[i], QUELL_EVENT_END);
    }
    name = named("finish", number, "hooks");
    COUNT(name, quell_op_finish(&worker), QUELL_OK);
    HOLDS(told == 3u * number);
    retire();
}

static void from_interrupts(uint32_t number) {
    const char *name;
    told = 0;
    start(&source, &owner, &worker);
    for (uint32_t i = 0; i < number; i++) {
        listen(&hooks[i], QUELL_EVENT_REQUEST);
    }
    name = named("cancel_from_isr", number, "hooks");
    COUNT(name, quell_cancel_from_isr(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL),
          QUELL_CANCELLING);
    HOLDS(told == 0u);
    name = named("drain", number, "hooks");
    COUNT(name, (quell_drain(), QUELL_OK), QUELL_OK);
    HOLDS(told == number);
    HOLDS(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE) == QUELL_OK);
    retire();
}

static void drains_of_sources(uint32_t number) {
    const char *name = named("drain", number, "sources");
    for (uint32_t i = 0; i < number; i++) {
        start(&more[i], &owners[i], &workers[i]);
        HOLDS(quell_cancel_from_isr(&owners[i], QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL) ==
              QUELL_CANCELLING);
    }
    COUNT(name, (quell_drain(), QUELL_OK), QUELL_OK);
    for (uint32_t i = 0; i < number; i++) {
        HOLDS(quell_op_acknowledge(&workers[i], QUELL_EFFECTS_NONE) == QUELL_OK);
        HOLDS(quell_op_retire(&owners[i]) == QUELL_OK);
    }
}

static void waiting(void) {
    quell_told_t seen;
    start(&source, &owner, &worker);
    COUNT("wait (time runs out)", quell_wait(&owner, QUELL_EVENT_ALL, 0, &seen),
          QUELL_TIMED_OUT);
    HOLDS(quell_op_finish(&worker) == QUELL_OK);
    COUNT("wait (it has ended)", quell_wait(&owner, QUELL_EVENT_END, QUELL_FOREVER, &seen),
          QUELL_OK);
    retire();
}

void count_hooks(void) {
    static const uint32_t numbers[] = {1u, 8u, MOST};
    nobody_to_tell();
    adding();
    COUNT("drain (nothing)", (quell_drain(), QUELL_OK), QUELL_OK);
    for (uint32_t i = 0; i < 3u; i++) {
        telling(numbers[i]);
        telling_and_staying(numbers[i]);
        from_interrupts(numbers[i]);
        drains_of_sources(numbers[i]);
    }
    waiting();
}
