/* Tasks that do one job after another, and what happened, in order. A task on
 * POSIX must not print while others may: so what they say is noted, and printed
 * by the director, which starts them. */

#ifndef ACTORS_H
#define ACTORS_H

#include <FreeRTOS.h>

#include <task.h>

#include <stdbool.h>
#include <stdint.h>

#define ACTORS 3u

typedef void (*actor_job)(uint32_t actor);

/* In main(). */
void actors_create(void);
/* Has the actor do this. One that is above the caller begins at once. */
void actor_begin(uint32_t actor, UBaseType_t priority, actor_job job);
bool actors_are_done(void);
TaskHandle_t actor_task(uint32_t actor);

/* Any context; both stay in place. */
void note(const char *what, const char *detail);
/* The director: prints what was noted since the last time. */
void notes_print(const char *title);

#endif
