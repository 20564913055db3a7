/*
 * A table in C: a life in it, tags, holds, and commands on several threads
 * beside a requester who cancels them by their tags.
 */
#include <pthread.h>

#include "check.h"
#include "quell.h"

#define SLOTS 4u

static uint32_t storage[QUELL_TABLE_STORAGE(SLOTS) / sizeof(uint32_t)];

static quell_table_config_t config_of(void *memory, size_t size, uint32_t slots) {
    quell_table_config_t config = QUELL_TABLE_CONFIG_INIT;
    config.slots = slots;
    config.storage = memory;
    config.storage_size = size;
    return config;
}

static quell_table_t fresh_table(void) {
    quell_table_t table;
    quell_table_config_t config = config_of(storage, sizeof storage, SLOTS);
    memset(storage, 0xAA, sizeof storage);
    CHECK_EQ(quell_table_attach(&config, &table), QUELL_INVALID);
    CHECK(table.storage == NULL && table.slots == 0);
    CHECK_EQ(quell_table_init(&config, &table), QUELL_OK);
    CHECK(table.storage == storage && table.slots == SLOTS);
    return table;
}

static quell_verdict_t claim(const quell_table_t *table, uint32_t tag, quell_handle_t *owner,
                             uint32_t *slot) {
    quell_table_claim_t asked = QUELL_TABLE_CLAIM_INIT;
    asked.tag = tag;
    return quell_table_claim(table, &asked, owner, slot);
}

static quell_verdict_t cancel(const quell_table_t *table, uint32_t tag) {
    uint32_t code = 77;
    quell_verdict_t told = quell_table_cancel_by_tag(table, tag, QUELL_LEVEL_GRACEFUL,
                                                     QUELL_CAUSE_PEER, NULL, &code);
    CHECK_EQ(code, 0);
    return told;
}

static void check_counts(const quell_table_t *table, uint32_t in_use, uint32_t high_water) {
    quell_table_counts_t counts;
    CHECK_EQ(quell_table_counts(table, &counts), QUELL_OK);
    CHECK_EQ(counts.slots, SLOTS);
    CHECK_EQ(counts.in_use, in_use);
    CHECK_EQ(counts.high_water, high_water);
}

/* What the documents say of the sizes: 32 bytes, and 24 for each slot. */
static void the_storage(void) {
    quell_table_t table = fresh_table();
    uint32_t elsewhere[QUELL_TABLE_STORAGE(SLOTS) / sizeof(uint32_t)];
    quell_table_config_t config = config_of(elsewhere, sizeof elsewhere, SLOTS);
    quell_handle_t owner, moved;
    CHECK_EQ(QUELL_TABLE_STORAGE(1), 56);
    CHECK_EQ(QUELL_TABLE_STORAGE(32768), 786464);
    CHECK_EQ(sizeof storage, 128);
    CHECK_EQ(claim(&table, 7, &owner, NULL), QUELL_OK);
    /* The same bytes at another address are the same table. */
    memcpy(elsewhere, storage, sizeof storage);
    CHECK_EQ(quell_table_attach(&config, &table), QUELL_OK);
    CHECK_EQ(quell_table_find(&table, 7, QUELL_RIGHT_ALL, &moved), QUELL_OK);
    CHECK(moved.ticket == owner.ticket && moved.op != owner.op);
    CHECK_EQ(quell_table_retire(&table, &owner), QUELL_INVALID);
    memset(elsewhere, 0, sizeof elsewhere);
    CHECK_EQ(quell_table_attach(&config, &table), QUELL_BAD_STATE);
}

typedef struct {
    uint32_t slot;
    unsigned calls;
    const quell_table_t *table;
} prepared_t;

static void prepare(void *context, uint32_t slot) {
    prepared_t *prepared = (prepared_t *)context;
    quell_handle_t found;
    prepared->slot = slot;
    ++prepared->calls;
    CHECK_EQ(quell_table_find(prepared->table, 5, QUELL_RIGHT_OBSERVE, &found),
             QUELL_NOT_FOUND);
}

static void a_life(void) {
    quell_table_t table = fresh_table();
    quell_table_claim_t asked = QUELL_TABLE_CLAIM_INIT;
    prepared_t prepared = {99, 0, NULL};
    quell_handle_t owner, found;
    quell_worker_t worker;
    quell_table_entry_t entry;
    uint32_t slot = 99;
    prepared.table = &table;
    asked.tag = 5;
    asked.mode = QUELL_MODE_BEST_EFFORT;
    asked.owner = 1234;
    asked.prepare = prepare;
    asked.context = &prepared;
    CHECK_EQ(quell_table_claim(&table, &asked, &owner, &slot), QUELL_OK);
    CHECK(prepared.calls == 1 && prepared.slot == 0 && slot == 0);
    CHECK_EQ(quell_table_slot(&table, &owner, &slot), QUELL_OK);
    check_counts(&table, 1, 1);

    CHECK_EQ(quell_op_start(&owner, &worker), QUELL_OK);
    CHECK_EQ(quell_table_hold(&table, &owner), QUELL_OK);
    CHECK_EQ(cancel(&table, 5), QUELL_REQUESTED);
    CHECK_EQ(quell_worker_poll(&worker), QUELL_LEVEL_GRACEFUL);
    CHECK_EQ(quell_table_look(&table, 0, QUELL_RIGHT_OBSERVE, &entry), QUELL_OK);
    CHECK(entry.tag == 5 && entry.owner == 1234 && entry.holds == 1 && entry.slot == 0);
    CHECK(entry.status.phase == QUELL_PHASE_RUNNING && entry.handle.op == owner.op);
    CHECK_EQ(quell_table_retire(&table, &owner), QUELL_BAD_STATE);

    CHECK_EQ(quell_op_finish(&worker), QUELL_OK);
    CHECK_EQ(cancel(&table, 5), QUELL_FINISHED);
    CHECK_EQ(quell_table_find(&table, 5, QUELL_RIGHT_CANCEL, &found), QUELL_OK);
    CHECK_EQ(quell_table_retire(&table, &found), QUELL_DENIED);
    CHECK_EQ(quell_table_retire(&table, &owner), QUELL_OK);

    /* Over, and held. */
    CHECK_EQ(cancel(&table, 5), QUELL_NOT_FOUND);
    CHECK_EQ(quell_table_find(&table, 5, QUELL_RIGHT_CANCEL, &found), QUELL_NOT_FOUND);
    CHECK_EQ(quell_table_look(&table, 0, QUELL_RIGHT_OBSERVE, &entry), QUELL_NOT_FOUND);
    CHECK_EQ(quell_op_finish(&worker), QUELL_STALE);
    check_counts(&table, 1, 1);
    CHECK_EQ(claim(&table, 6, &found, &slot), QUELL_OK);
    CHECK_EQ(slot, 1);
    CHECK_EQ(quell_table_release(&table, &owner), QUELL_OK);
    CHECK_EQ(quell_table_release(&table, &owner), QUELL_STALE);
    CHECK_EQ(claim(&table, 8, &found, &slot), QUELL_OK);
    CHECK_EQ(slot, 0);
    check_counts(&table, 2, 2);
}

static void full(void) {
    quell_table_t table = fresh_table();
    quell_handle_t owners[SLOTS];
    quell_handle_t none = {(quell_op_t *)storage, NULL, 7};
    uint32_t slot = 77;
    uint32_t i;
    for (i = 0; i < SLOTS; ++i)
        CHECK_EQ(claim(&table, i, &owners[i], NULL), QUELL_OK);
    CHECK_EQ(claim(&table, 9, &none, &slot), QUELL_FULL);
    CHECK(none.op == NULL && none.ticket == 0 && slot == 0);
    CHECK_EQ(quell_op_force(&owners[2], 5), QUELL_OK);
    CHECK_EQ(quell_table_hold(&table, &owners[2]), QUELL_OK);
    CHECK_EQ(quell_table_hold(&table, &owners[2]), QUELL_OK);
    CHECK_EQ(quell_table_retire(&table, &owners[2]), QUELL_OK);
    CHECK_EQ(claim(&table, 9, &none, &slot), QUELL_FULL);
    CHECK_EQ(quell_table_release_all(&table, &owners[2]), QUELL_OK);
    CHECK_EQ(claim(&table, 9, &none, &slot), QUELL_OK);
    CHECK_EQ(slot, 2);
    check_counts(&table, SLOTS, SLOTS);
}

static uint32_t is_seven(void *context, uint32_t owner) {
    ++*(unsigned *)context;
    return owner == 7 ? 1 : 0;
}

/* A claim that stopped half-way: only whoever vouches for its owner sweeps it. */
static void a_sweep(void) {
    quell_table_t table = fresh_table();
    quell_handle_t owner;
    uint32_t freed = 77;
    unsigned asked = 0;
    storage[4] = 1;                 /* the slot is marked as taken */
    storage[8 + 2] = 1u << 15 | 7u; /* CLAIMING, by owner 7 */
    CHECK_EQ(quell_table_sweep(&table, NULL, NULL, &freed), QUELL_OK);
    CHECK_EQ(freed, 0);
    CHECK_EQ(quell_table_sweep(&table, is_seven, &asked, NULL), QUELL_OK);
    CHECK_EQ(asked, 1);
    CHECK_EQ(claim(&table, 1, &owner, &freed), QUELL_OK);
    CHECK_EQ(freed, 0);
    CHECK_EQ(quell_table_sweep(&table, is_seven, &asked, &freed), QUELL_OK);
    CHECK(freed == 0 && asked == 1);
}

static uint32_t ask(void *context, quell_level_t level, quell_cause_t cause) {
    CHECK(level == QUELL_LEVEL_GRACEFUL && cause == QUELL_CAUSE_PEER);
    return *(uint32_t *)context;
}

static void a_gate(void) {
    quell_table_t table = fresh_table();
    quell_table_claim_t asked = QUELL_TABLE_CLAIM_INIT;
    uint32_t refusal = 0xC0DE, code = 77;
    quell_gate_t gate = {ask, NULL};
    quell_handle_t owner;
    quell_worker_t worker;
    gate.context = &refusal;
    asked.mode = QUELL_MODE_GATED;
    CHECK_EQ(quell_table_claim(&table, &asked, &owner, NULL), QUELL_OK);
    CHECK_EQ(quell_op_start(&owner, &worker), QUELL_OK);
    CHECK_EQ(cancel(&table, 0), QUELL_DENIED);
    CHECK_EQ(quell_table_cancel_by_tag(&table, 0, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_PEER, &gate,
                                       &code),
             QUELL_REFUSED);
    CHECK_EQ(code, 0xC0DE);
    refusal = 0;
    CHECK_EQ(quell_table_cancel_by_tag(&table, 0, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_PEER, &gate,
                                       NULL),
             QUELL_CANCELLING);
}

/* --- commands on three threads, four slots, and a requester who cancels tags */

#define THREADS 3u

static quell_table_t shared;
static unsigned rounds = 20000;
/* Each thread's own: read after it was joined. */
static struct { unsigned finished, cancelled, wrong; } tally[THREADS];
static struct { unsigned asked, found; } requester;

/* The tag says whose command it is: a thread's own never has another's. */
static void *commands(void *argument) {
    const uint32_t self = (uint32_t)(uintptr_t)argument;
    unsigned round;
    for (round = 0; round < rounds; ++round) {
        const uint32_t tag = round * THREADS + self;
        quell_handle_t owner;
        quell_worker_t worker;
        quell_status_t status;
        if (claim(&shared, tag, &owner, NULL) != QUELL_OK) {
            ++tally[self].wrong; /* there is a slot for each, and one more */
            continue;
        }
        if (quell_op_start(&owner, &worker) == QUELL_OK) {
            (void)quell_table_hold(&shared, &owner);
            if (quell_op_finish(&worker) != QUELL_OK)
                (void)quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE);
            if (quell_table_release(&shared, &owner) != QUELL_OK)
                ++tally[self].wrong;
        }
        if (quell_op_status(&owner, &status) != QUELL_OK)
            ++tally[self].wrong;
        else if (status.phase == QUELL_PHASE_FINISHED)
            ++tally[self].finished;
        /* Only a command of thread 0 is ever asked to stop. */
        else if (status.phase == QUELL_PHASE_CANCELLED && self == 0)
            ++tally[self].cancelled;
        else
            ++tally[self].wrong;
        if (quell_table_retire(&shared, &owner) != QUELL_OK)
            ++tally[self].wrong;
    }
    return NULL;
}

/* Looks for commands of thread 0 and cancels what it found, by the tag. */
static void *cancels(void *argument) {
    unsigned pass;
    (void)argument;
    for (pass = 0; pass < rounds; ++pass) {
        uint32_t slot;
        for (slot = 0; slot < SLOTS; ++slot) {
            quell_table_entry_t entry;
            if (quell_table_look(&shared, slot, QUELL_RIGHT_OBSERVE, &entry) != QUELL_OK ||
                entry.tag % THREADS != 0)
                continue;
            ++requester.asked;
            if (quell_table_cancel_by_tag(&shared, entry.tag, QUELL_LEVEL_GRACEFUL,
                                          QUELL_CAUSE_PEER, NULL, NULL) != QUELL_NOT_FOUND)
                ++requester.found;
        }
    }
    return NULL;
}

static void threads(void) {
    pthread_t runners[THREADS + 1];
    unsigned i;
    shared = fresh_table();
    for (i = 0; i < THREADS; ++i)
        CHECK_EQ(pthread_create(&runners[i], NULL, commands, (void *)(uintptr_t)i), 0);
    CHECK_EQ(pthread_create(&runners[THREADS], NULL, cancels, NULL), 0);
    for (i = 0; i < THREADS + 1; ++i)
        CHECK_EQ(pthread_join(runners[i], NULL), 0);
    for (i = 0; i < THREADS; ++i) {
        CHECK_EQ(tally[i].wrong, 0);
        CHECK_EQ(tally[i].finished + tally[i].cancelled, rounds);
    }
    CHECK(requester.found <= requester.asked);
    CHECK(tally[0].cancelled <= requester.found);
    {
        quell_table_counts_t counts;
        CHECK_EQ(quell_table_counts(&shared, &counts), QUELL_OK);
        CHECK_EQ(counts.in_use, 0);
        /* A slot that was just given up may still be marked as taken. */
        CHECK(counts.high_water >= 1 && counts.high_water <= SLOTS);
    }
}

int main(int count, char **words) {
    if (count > 1)
        rounds = (unsigned)strtoul(words[1], NULL, 10);
    the_storage();
    a_life();
    full();
    a_sweep();
    a_gate();
    threads();
    return check_report("table");
}
