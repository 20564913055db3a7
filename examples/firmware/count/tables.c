/* Tables of 8 and of 64 slots: a command's life in the last of them, and one that
 * is cancelled by its tag. */

#include "count.h"

#include <stdio.h>

#define MOST 64u

static uint32_t storage[QUELL_TABLE_STORAGE(MOST) / sizeof(uint32_t)];
static quell_handle_t owners[MOST];
static quell_table_t table;

static quell_verdict_t claim(uint32_t tag, quell_handle_t *owner) {
    quell_table_claim_t asked = QUELL_TABLE_CLAIM_INIT;
    asked.tag = tag;
    return quell_table_claim(&table, &asked, owner, NULL);
}

static const char *named(const char *call, uint32_t slots) {
    static char name[48];
    (void)snprintf(name, sizeof name, "%s: %u slots", call, (unsigned)slots);
    return name;
}

static void of(uint32_t slots) {
    quell_table_config_t config = QUELL_TABLE_CONFIG_INIT;
    quell_table_claim_t asked = QUELL_TABLE_CLAIM_INIT;
    quell_handle_t found;
    quell_worker_t worker;
    const char *name;
    uint32_t last = slots - 1u;
    config.slots = slots;
    config.storage = storage;
    config.storage_size = QUELL_TABLE_STORAGE(slots);
    HOLDS(quell_table_init(&config, &table) == QUELL_OK);
    for (uint32_t i = 0; i < last; i++) {
        HOLDS(claim(i, &owners[i]) == QUELL_OK);
    }
    asked.tag = last;
    name = named("table claim", slots);
    COUNT(name, quell_table_claim(&table, &asked, &owners[last], NULL), QUELL_OK);
    name = named("table find", slots);
    COUNT(name, quell_table_find(&table, last, QUELL_RIGHT_CANCEL, &found), QUELL_OK);
    HOLDS(quell_op_start(&owners[last], &worker) == QUELL_OK);
    name = named("table cancel_by_tag", slots);
    COUNT(name,
          quell_table_cancel_by_tag(&table, last, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_PEER, NULL,
                                    NULL),
          QUELL_CANCELLING);
    HOLDS(quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE) == QUELL_OK);
    name = named("table hold", slots);
    COUNT(name, quell_table_hold(&table, &owners[last]), QUELL_OK);
    name = named("table release", slots);
    COUNT(name, quell_table_release(&table, &owners[last]), QUELL_OK);
    name = named("table retire", slots);
    COUNT(name, quell_table_retire(&table, &owners[last]), QUELL_OK);
}

void count_tables(void) {
    of(8u);
    of(MOST);
}
