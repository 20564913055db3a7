/*
 * Processes that are killed at any moment, in the middle of a claim or of a
 * retirement too, over a table that they share: the next one sweeps, forces
 * what they left, and every slot can be had again.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "quell.h"

#define SLOTS 40u /* two levels of the tree */
#define PARTIES 3u

static quell_table_t table;

static void *map_storage(void) {
    void *memory = mmap(NULL, QUELL_TABLE_STORAGE(SLOTS), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

/* Goes on until it is killed: claims some slots, ends them, gives them back. */
static void live(uint32_t self) {
    quell_handle_t owners[SLOTS];
    for (;;) {
        uint32_t held, i;
        for (held = 0; held < SLOTS / PARTIES; ++held) {
            quell_table_claim_t asked = QUELL_TABLE_CLAIM_INIT;
            asked.tag = self << 16 | held;
            asked.owner = self;
            if (quell_table_claim(&table, &asked, &owners[held], NULL) != QUELL_OK)
                break;
        }
        for (i = 0; i < held; ++i) {
            quell_worker_t worker;
            (void)quell_table_hold(&table, &owners[i]);
            if (quell_op_start(&owners[i], &worker) == QUELL_OK &&
                quell_op_finish(&worker) != QUELL_OK)
                (void)quell_op_acknowledge(&worker, QUELL_EFFECTS_PARTIAL);
            (void)quell_table_retire(&table, &owners[i]);
            (void)quell_table_release(&table, &owners[i]);
        }
    }
}

static uint32_t is_dead(void *context, uint32_t owner) {
    return owner == *(uint32_t *)context ? 1 : 0;
}

/* What whoever comes next does for a dead party. Returns how many of its
 * operations had not ended. */
static unsigned clear_up(uint32_t dead) {
    unsigned unfinished = 0;
    uint32_t slot;
    CHECK_EQ(quell_table_sweep(&table, is_dead, &dead, NULL), QUELL_OK);
    for (slot = 0; slot < SLOTS; ++slot) {
        quell_table_entry_t entry;
        if (quell_table_look(&table, slot, QUELL_RIGHT_ALL, &entry) != QUELL_OK ||
            entry.owner != dead)
            continue;
        CHECK_EQ(entry.tag >> 16, dead);
        if (quell_op_force(&entry.handle, 130) == QUELL_OK) {
            quell_status_t status;
            ++unfinished;
            CHECK_EQ(quell_op_status(&entry.handle, &status), QUELL_OK);
            CHECK(status.phase == QUELL_PHASE_FAILED && status.code == 130 &&
                  status.effects == QUELL_EFFECTS_UNKNOWN);
        }
        CHECK_EQ(quell_table_retire(&table, &entry.handle), QUELL_OK);
        if (entry.holds != 0)
            CHECK_EQ(quell_table_release_all(&table, &entry.handle), QUELL_OK);
    }
    return unfinished;
}

/* Holds of a dead party on slots that it had retired: the table does not know
 * whose a hold is, so they are taken back when nobody lives. */
static void drop_last_holds(void) {
    uint32_t slot;
    const uint32_t *words = (const uint32_t *)table.storage;
    for (slot = 0; slot < SLOTS; ++slot) {
        quell_handle_t owner;
        const uint32_t *of_slot = words + 8 + 6 * slot;
        uint32_t pin = of_slot[2];
        if ((pin >> 15 & 3u) != 3u)
            continue;
        owner.op = (quell_op_t *)(uintptr_t)of_slot;
        owner.gate = NULL;
        owner.ticket = QUELL_RIGHT_ALL << 16 | pin >> 17;
        CHECK_EQ(quell_table_release_all(&table, &owner), QUELL_OK);
    }
}

static void pause_for(unsigned microseconds) {
    struct timespec time;
    time.tv_sec = 0;
    time.tv_nsec = (long)microseconds * 1000;
    (void)nanosleep(&time, NULL);
}

int main(int count, char **words) {
    const unsigned rounds = count > 1 ? (unsigned)strtoul(words[1], NULL, 10) : 200;
    quell_table_config_t config = QUELL_TABLE_CONFIG_INIT;
    unsigned round, unfinished = 0;
    config.slots = SLOTS;
    config.storage_size = QUELL_TABLE_STORAGE(SLOTS);
    config.storage = map_storage();
    CHECK_EQ(quell_table_init(&config, &table), QUELL_OK);

    for (round = 0; round < rounds; ++round) {
        pid_t children[PARTIES];
        quell_handle_t owner;
        quell_table_counts_t counts;
        uint32_t party, had;
        for (party = 0; party < PARTIES; ++party) {
            children[party] = fork();
            CHECK(children[party] >= 0);
            if (children[party] == 0)
                live(party + 1);
        }
        /* One after the other, so that the others go on over what it left. */
        for (party = 0; party < PARTIES; ++party) {
            int status = 0;
            pause_for(200 + (round * 37 + party * 101) % 700);
            CHECK_EQ(kill(children[party], SIGKILL), 0);
            CHECK(waitpid(children[party], &status, 0) == children[party]);
            CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
            unfinished += clear_up(party + 1);
        }
        drop_last_holds();
        CHECK_EQ(quell_table_counts(&table, &counts), QUELL_OK);
        CHECK_EQ(counts.in_use, 0);
        for (had = 0; had < SLOTS; ++had) {
            quell_table_claim_t asked = QUELL_TABLE_CLAIM_INIT;
            asked.owner = PARTIES + 1;
            asked.tag = (PARTIES + 1) << 16;
            CHECK_EQ(quell_table_claim(&table, &asked, &owner, NULL), QUELL_OK);
        }
        (void)clear_up(PARTIES + 1);
    }
    CHECK(unfinished > 0);
    return check_report("table_crash");
}
