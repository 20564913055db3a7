/* A command of the I/O queue, from fetch to completion: an operation of quell's
 * in a table, whose tag is the command's name, and beside it, by the number of
 * the slot, what the controller keeps.
 *
 * Whoever is told that it ended the operation (by finish, fail, acknowledge or
 * force, or by start that a cancel came first) calls command_end(), and nobody
 * else: so each command has one completion, whatever raced.
 *
 * The slot is held from the fetch until the lane of the command's die lets go of
 * it, which may be long after a reset has ended and retired the operation. Until
 * then no other command can have this struct. */

#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme.h"
#include "quell.h"
#include "queue.h"

/* Fewer than the host has commands under way, so that it is full at times. */
#define COMMAND_SLOTS 10u

struct command {
    struct nvme_submission entry;
    quell_handle_t owner;
    quell_worker_t worker;
    struct command *next; /* in its lane */
};

void commands_init(const struct submission_queue *submissions,
                   struct completion_queue *completions);

/* Thread. Null: every slot is in use, or held. */
struct command *command_claim(const struct nvme_submission *entry);
/* The verdict of quell_table_find; any context. */
quell_verdict_t command_find(uint32_t name, quell_handle_t *handle, uint32_t *slot);
/* Thread: makes a queued or running command the worker's no more. */
void command_force(struct command *command);
/* Retires the ended operation and posts the completion. Any context. */
void command_end(struct command *command);
/* Completion interrupt: the die has stopped working on a command that was forced. */
void command_outlasted(void);
/* Takes back the hold that the claim took. Any context. */
void command_let_go(struct command *command);

/* The struct of this slot, used or not. */
struct command *command_of_slot(uint32_t slot);
/* Asks every command to cancel. Thread, or the drain. */
void commands_cancel_all(quell_level_t level, quell_cause_t cause);
bool commands_none(void);

struct command_counts {
    uint32_t forced;
    uint32_t outlasted;     /* forced, and the die went on for a while */
    uint32_t told_too_late; /* of power failures; Aborts have their own */
    uint32_t holds_taken, holds_released;
};
const struct command_counts *command_counts(void);

#endif
