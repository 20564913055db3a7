/*
 * Bad input to tables: every function with every pointer null and misaligned,
 * with numbers out of range, and with handles that are none, of elsewhere, or
 * stale. Nothing changes, and what is returned is blank.
 */
#include "rejects.h"

#define SLOTS 2u

typedef struct {
    uint32_t storage[QUELL_TABLE_STORAGE(SLOTS) / sizeof(uint32_t)];
    quell_table_config_t config;
    quell_table_t table;
    quell_handle_t owner;
} fixture_t;

static fixture_t *made(fixture_t *f) {
    const quell_table_config_t blank = QUELL_TABLE_CONFIG_INIT;
    const quell_table_claim_t claim = QUELL_TABLE_CLAIM_INIT;
    memset(f, 0, sizeof *f);
    f->config = blank;
    f->config.slots = SLOTS;
    f->config.storage = f->storage;
    f->config.storage_size = sizeof f->storage;
    CHECK_EQ(quell_table_init(&f->config, &f->table), QUELL_OK);
    CHECK_EQ(quell_table_claim(&f->table, &claim, &f->owner, NULL), QUELL_OK);
    return f;
}

/* The address one byte on: aligned for nothing that is handed over here. */
#define OFF(type, pointer) ((type *)((uintptr_t)(pointer) + 1u))

/* Makes the call, and checks its answer and that the storage is as it was. */
#define KEEPS(f, call, verdict)                                                                \
    do {                                                                                       \
        uint32_t before_[sizeof((f)->storage) / sizeof(uint32_t)];                             \
        memcpy(before_, (f)->storage, sizeof before_);                                         \
        CHECK_EQ(call, verdict);                                                               \
        CHECK(memcmp(before_, (f)->storage, sizeof before_) == 0);                             \
    } while (0)

static int is_no_table(const quell_table_t *table) {
    return table->storage == NULL && table->slots == 0;
}

static int is_no_entry(const quell_table_entry_t *entry) {
    return is_no_handle(&entry->handle) && is_no_status(&entry->status) && entry->slot == 0 &&
           entry->tag == 0 && entry->owner == 0 && entry->holds == 0;
}

static uint32_t never_called(void *context, uint32_t owner) {
    (void)context;
    (void)owner;
    CHECK(0);
    return 1;
}

/* Every call on a table, with one that is to be told INVALID. */
static void all_calls(fixture_t *f, const quell_table_t *table) {
    quell_table_claim_t claim = QUELL_TABLE_CLAIM_INIT;
    quell_handle_t handle = f->owner;
    quell_table_entry_t entry;
    quell_table_counts_t counts = {7, 7, 7};
    uint32_t number = 77;
    memset(&entry, 0xAA, sizeof entry);
    KEEPS(f, quell_table_claim(table, &claim, &handle, &number), QUELL_INVALID);
    CHECK(is_no_handle(&handle) && number == 0);
    KEEPS(f, quell_table_retire(table, &f->owner), QUELL_INVALID);
    KEEPS(f, quell_table_hold(table, &f->owner), QUELL_INVALID);
    KEEPS(f, quell_table_release(table, &f->owner), QUELL_INVALID);
    KEEPS(f, quell_table_release_all(table, &f->owner), QUELL_INVALID);
    number = 77;
    KEEPS(f, quell_table_slot(table, &f->owner, &number), QUELL_INVALID);
    CHECK_EQ(number, 0);
    handle = f->owner;
    KEEPS(f, quell_table_find(table, 0, QUELL_RIGHT_ALL, &handle), QUELL_INVALID);
    CHECK(is_no_handle(&handle));
    number = 77;
    KEEPS(f,
          quell_table_cancel_by_tag(table, 0, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL,
                                    &number),
          QUELL_INVALID);
    CHECK_EQ(number, 0);
    KEEPS(f, quell_table_look(table, 0, QUELL_RIGHT_ALL, &entry), QUELL_INVALID);
    CHECK(is_no_entry(&entry));
    number = 77;
    KEEPS(f, quell_table_sweep(table, never_called, NULL, &number), QUELL_INVALID);
    CHECK_EQ(number, 0);
    KEEPS(f, quell_table_counts(table, &counts), QUELL_INVALID);
    CHECK(counts.slots == 0 && counts.in_use == 0 && counts.high_water == 0);
}

static void bad_tables(void) {
    fixture_t f;
    quell_table_t bad;
    uint32_t word;
    made(&f);
    all_calls(&f, NULL);
    all_calls(&f, OFF(quell_table_t, &f.table));
    memset(&bad, 0, sizeof bad);
    all_calls(&f, &bad);
    bad = f.table;
    bad.storage = OFF(void, f.storage);
    all_calls(&f, &bad);
    for (word = 0; word < 4; ++word) { /* another number of slots than the memory's */
        static const uint32_t counts[4] = {0, SLOTS - 1, 32769, 0xFFFFFFFFu};
        bad = f.table;
        bad.slots = counts[word];
        all_calls(&f, &bad);
    }
    for (word = 0; word < 4; ++word) { /* magic, layout, slot size, count */
        f.storage[word] ^= 0x40;
        all_calls(&f, &f.table);
        f.storage[word] ^= 0x40;
    }
    CHECK_EQ(quell_op_force(&f.owner, 5), QUELL_OK);
    CHECK_EQ(quell_table_retire(&f.table, &f.owner), QUELL_OK);
}

/* Both makers, with what is to be told INVALID. */
static void rejected(fixture_t *f, const quell_table_config_t *config) {
    quell_table_t table = f->table;
    KEEPS(f, quell_table_init(config, &table), QUELL_INVALID);
    CHECK(is_no_table(&table));
    table = f->table;
    KEEPS(f, quell_table_attach(config, &table), QUELL_INVALID);
    CHECK(is_no_table(&table));
}

static void bad_configurations(void) {
    fixture_t f;
    quell_table_config_t config;
    quell_table_t table;
    const uint32_t sizes[3] = {0, 1, (uint32_t)sizeof(quell_table_config_t) - 1};
    const uint32_t counts[3] = {0, 32769, 0xFFFFFFFFu};
    size_t i;
    made(&f);
    rejected(&f, NULL);
    rejected(&f, OFF(const quell_table_config_t, &f.config));
    KEEPS(&f, quell_table_init(&f.config, NULL), QUELL_INVALID);
    KEEPS(&f, quell_table_attach(&f.config, NULL), QUELL_INVALID);
    KEEPS(&f, quell_table_init(&f.config, OFF(quell_table_t, &f.table)), QUELL_INVALID);
    KEEPS(&f, quell_table_attach(&f.config, OFF(quell_table_t, &f.table)), QUELL_INVALID);
    for (i = 0; i < 3; ++i) {
        config = f.config;
        config.struct_size = sizes[i];
        rejected(&f, &config);
        config = f.config;
        config.slots = counts[i];
        rejected(&f, &config);
    }
    config = f.config;
    config.storage = NULL;
    rejected(&f, &config);
    config.storage = OFF(void, f.storage);
    rejected(&f, &config);
    config = f.config;
    config.storage_size -= 1;
    rejected(&f, &config);
    config.storage_size = 0;
    rejected(&f, &config);
    /* One slot less than the memory's: room for it there is. */
    config = f.config;
    config.slots = SLOTS - 1;
    CHECK_EQ(quell_table_attach(&config, &table), QUELL_INVALID);
    CHECK(is_no_table(&table));
    /* A later release's, longer one. */
    config = f.config;
    config.struct_size += 64;
    CHECK_EQ(quell_table_attach(&config, &table), QUELL_OK);
}

static void prepared_never(void *context, uint32_t slot) {
    (void)context;
    (void)slot;
    CHECK(0);
}

static void bad_claims(void) {
    fixture_t f;
    quell_table_claim_t claim;
    const quell_table_claim_t blank = QUELL_TABLE_CLAIM_INIT;
    quell_handle_t handle;
    uint32_t slot;
    unsigned i;
    made(&f);
    for (i = 0; i < 6; ++i) {
        const quell_table_claim_t *asked = &claim;
        claim = blank;
        claim.prepare = prepared_never;
        switch (i) {
        case 0:
            asked = NULL;
            break;
        case 1:
            asked = OFF(const quell_table_claim_t, &claim);
            break;
        case 2:
            claim.struct_size = 0;
            break;
        case 3:
            claim.struct_size -= 1;
            break;
        case 4:
            claim.mode = 8;
            break;
        default:
            claim.owner = QUELL_TABLE_MAX_OWNER + 1;
            break;
        }
        handle = f.owner;
        slot = 77;
        KEEPS(&f, quell_table_claim(&f.table, asked, &handle, &slot), QUELL_INVALID);
        CHECK(is_no_handle(&handle) && slot == 0);
    }
    claim = blank;
    claim.prepare = prepared_never;
    slot = 77;
    KEEPS(&f, quell_table_claim(&f.table, &claim, NULL, &slot), QUELL_INVALID);
    CHECK_EQ(slot, 0);
    KEEPS(&f, quell_table_claim(&f.table, &claim, OFF(quell_handle_t, &handle), NULL),
          QUELL_INVALID);
    handle = f.owner;
    KEEPS(&f, quell_table_claim(&f.table, &claim, &handle, OFF(uint32_t, &slot)),
          QUELL_INVALID);
    CHECK(is_no_handle(&handle));
}

/* Every call that takes a handle of the table. */
static void all_calls_of(fixture_t *f, const quell_handle_t *handle, quell_verdict_t told,
                         quell_verdict_t of_slot) {
    uint32_t slot = 77;
    KEEPS(f, quell_table_retire(&f->table, handle), told);
    KEEPS(f, quell_table_hold(&f->table, handle), told);
    KEEPS(f, quell_table_release(&f->table, handle), told);
    KEEPS(f, quell_table_release_all(&f->table, handle), told);
    KEEPS(f, quell_table_slot(&f->table, handle, &slot), of_slot);
    CHECK_EQ(slot, 0);
}

static void bad_handles(void) {
    fixture_t f;
    quell_handle_t bad, old;
    quell_op_t elsewhere = QUELL_OP_INIT;
    const quell_table_claim_t claim = QUELL_TABLE_CLAIM_INIT;
    made(&f);
    all_calls_of(&f, NULL, QUELL_INVALID, QUELL_INVALID);
    all_calls_of(&f, OFF(const quell_handle_t, &f.owner), QUELL_INVALID, QUELL_INVALID);
    memset(&bad, 0, sizeof bad);
    all_calls_of(&f, &bad, QUELL_INVALID, QUELL_INVALID);
    bad = f.owner;
    bad.op = &elsewhere;
    all_calls_of(&f, &bad, QUELL_INVALID, QUELL_INVALID);
    bad.op = (quell_op_t *)f.storage; /* the header */
    all_calls_of(&f, &bad, QUELL_INVALID, QUELL_INVALID);
    bad.op = f.owner.op + 1; /* the middle of a slot */
    all_calls_of(&f, &bad, QUELL_INVALID, QUELL_INVALID);
    bad.op = f.owner.op + 3 * SLOTS; /* behind the last one */
    all_calls_of(&f, &bad, QUELL_INVALID, QUELL_INVALID);
    bad = f.owner;
    bad.ticket = 0xFFFFFFFFu;
    all_calls_of(&f, &bad, QUELL_INVALID, QUELL_INVALID);

    old = f.owner;
    CHECK_EQ(quell_op_force(&f.owner, 5), QUELL_OK);
    CHECK_EQ(quell_table_retire(&f.table, &f.owner), QUELL_OK);
    all_calls_of(&f, &old, QUELL_STALE, QUELL_OK);
    CHECK_EQ(quell_table_claim(&f.table, &claim, &f.owner, NULL), QUELL_OK);
    all_calls_of(&f, &old, QUELL_STALE, QUELL_OK);
    KEEPS(&f, quell_table_slot(&f.table, &f.owner, NULL), QUELL_INVALID);
}

static void bad_numbers_and_places(void) {
    fixture_t f;
    quell_handle_t handle;
    quell_table_entry_t entry;
    quell_table_counts_t counts[2];
    uint32_t code[2] = {77, 77};
    made(&f);
    handle = f.owner;
    KEEPS(&f, quell_table_find(&f.table, 0, 8, &handle), QUELL_INVALID);
    CHECK(is_no_handle(&handle));
    KEEPS(&f, quell_table_find(&f.table, 0, QUELL_RIGHT_ALL, NULL), QUELL_INVALID);
    memset(&entry, 0xAA, sizeof entry);
    KEEPS(&f, quell_table_look(&f.table, SLOTS, QUELL_RIGHT_ALL, &entry), QUELL_INVALID);
    CHECK(is_no_entry(&entry));
    KEEPS(&f, quell_table_look(&f.table, 0xFFFFFFFFu, QUELL_RIGHT_ALL, &entry), QUELL_INVALID);
    KEEPS(&f, quell_table_look(&f.table, 0, 8, &entry), QUELL_INVALID);
    KEEPS(&f, quell_table_look(&f.table, 0, QUELL_RIGHT_ALL, NULL), QUELL_INVALID);
    memset(&entry, 0xAA, sizeof entry);
    KEEPS(&f, quell_table_look(&f.table, 1, QUELL_RIGHT_ALL, &entry), QUELL_NOT_FOUND);
    CHECK(is_no_entry(&entry));
    KEEPS(&f, quell_table_counts(&f.table, NULL), QUELL_INVALID);
    KEEPS(&f, quell_table_counts(&f.table, OFF(quell_table_counts_t, &counts[0])),
          QUELL_INVALID);
    KEEPS(&f, quell_table_sweep(&f.table, never_called, NULL, OFF(uint32_t, &code[0])),
          QUELL_INVALID);
#define CANCEL(level, cause, gate, code)                                                       \
    KEEPS(&f,                                                                                  \
          quell_table_cancel_by_tag(&f.table, 0, (quell_level_t)(level),                       \
                                    (quell_cause_t)(cause), (gate), (code)),                   \
          QUELL_INVALID)
    CANCEL(0, QUELL_CAUSE_USER, NULL, &code[0]);
    CHECK_EQ(code[0], 0);
    CANCEL(4, QUELL_CAUSE_USER, NULL, NULL);
    CANCEL(QUELL_LEVEL_GRACEFUL, 0, NULL, NULL);
    CANCEL(QUELL_LEVEL_GRACEFUL, 16, NULL, NULL);
    CANCEL(QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, OFF(const quell_gate_t, code), NULL);
    CANCEL(QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL, OFF(uint32_t, &code[0]));
}

int main(void) {
    bad_tables();
    bad_configurations();
    bad_claims();
    bad_handles();
    bad_numbers_and_places();
    return check_report("table_bad_input");
}
