/* A table of operations: claim, retire, holds and cancel_by_tag, and the
 * interrupt as another claimer, as the owner that ends and retires, as hardware
 * that lets go of a slot, or as a requester that names a tag.
 *
 * What is under way is kept in a ledger; at the end of a round the table's own
 * counts, tags and holds have to agree with it, and every slot comes free. */

#include "storm.h"

#include <string.h>

#define MOST_SLOTS 34u
#define FIRST_TAG 100u
#define TAG 7u
#define OTHER_TAG 9u

#define WORDS (QUELL_TABLE_STORAGE(MOST_SLOTS) / sizeof(uint32_t))
static uint32_t storage[WORDS];
static quell_table_t table;

struct entry {
    quell_handle_t owner;
    uint32_t slot, tag;
    bool live, cancelled;
};

/* Those that fill the table, the call's own and the interrupt's own. */
static struct entry others[MOST_SLOTS], own, its;
static uint32_t slots, filled, deed;
static volatile uint32_t held_in_interrupt;

static quell_verdict_t claimed(struct entry *entry, uint32_t tag) {
    quell_table_claim_t claim = QUELL_TABLE_CLAIM_INIT;
    quell_verdict_t verdict;
    claim.tag = tag;
    entry->tag = tag;
    verdict = quell_table_claim(&table, &claim, &entry->owner, &entry->slot);
    entry->live = verdict == QUELL_OK;
    entry->cancelled = false;
    return verdict;
}

static quell_verdict_t retired(struct entry *entry) {
    quell_verdict_t verdict = quell_table_retire(&table, &entry->owner);
    entry->live = entry->live && verdict != QUELL_OK;
    return verdict;
}

static bool is_cancelled(const struct entry *entry) {
    quell_status_t status;
    MUST(quell_op_status(&entry->owner, &status) == QUELL_OK);
    return status.phase == QUELL_PHASE_CANCELLED;
}

/* Ends it by its worker, who is told of a cancel that came before. */
static void ended(struct entry *entry) {
    quell_worker_t worker;
    quell_verdict_t verdict = quell_op_start(&entry->owner, &worker);
    MUST((verdict == QUELL_CANCELLED) == entry->cancelled);
    if (verdict == QUELL_OK) {
        MUST(quell_op_finish(&worker) == QUELL_OK);
    }
}

/* A table as it is filled, to begin the next round from. */
static uint32_t storage_filled[WORDS];
static struct entry others_filling[MOST_SLOTS];

static void table_of(uint32_t count, uint32_t fill) {
    quell_table_config_t config = QUELL_TABLE_CONFIG_INIT;
    held_in_interrupt = 0;
    memset(&own, 0, sizeof own);
    memset(&its, 0, sizeof its);
    if (slots == count && filled == fill) {
        memcpy(storage, storage_filled, sizeof storage);
        memcpy(others, others_filling, sizeof others);
        return;
    }
    slots = count;
    filled = fill;
    memset(storage, 0, sizeof storage);
    memset(others, 0, sizeof others);
    config.slots = count;
    config.storage = storage;
    config.storage_size = sizeof storage;
    MUST(quell_table_init(&config, &table) == QUELL_OK);
    for (uint32_t i = 0; i < fill; i++) {
        MUST(claimed(&others[i], FIRST_TAG + i) == QUELL_OK);
    }
    memcpy(storage_filled, storage, sizeof storage);
    memcpy(others_filling, others, sizeof others);
}

static quell_verdict_t cancelled_by_tag(uint32_t tag) {
    return quell_table_cancel_by_tag(&table, tag, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, NULL,
                                     NULL);
}

/* --- the interrupt */

enum {
    CANCELS_TAG,
    CLAIMS,
    RETIRES_OTHER,
    RETIRES_AND_CLAIMS,
    RETIRES_OWN_AND_REUSES_SLOT,
    RETIRES_OWN_AND_REUSES_TAG,
    ENDS_OWN,
    HOLDS_OWN,
    RELEASES_OWN,
    RETIRES_OWN,
};

static void strike(void) {
    switch (deed) {
    case CANCELS_TAG:
        struck = cancelled_by_tag(TAG);
        break;
    case CLAIMS:
        struck = claimed(&its, OTHER_TAG);
        break;
    case RETIRES_OTHER:
        ended(&others[0]);
        struck = retired(&others[0]);
        break;
    case RETIRES_AND_CLAIMS:
        ended(&others[0]);
        MUST(retired(&others[0]) == QUELL_OK);
        struck = claimed(&its, OTHER_TAG);
        break;
    case RETIRES_OWN_AND_REUSES_SLOT:
    case RETIRES_OWN_AND_REUSES_TAG:
        own.cancelled = is_cancelled(&own);
        ended(&own);
        MUST(retired(&own) == QUELL_OK);
        struck = claimed(&its, deed == RETIRES_OWN_AND_REUSES_TAG ? TAG : OTHER_TAG);
        MUST(its.slot == own.slot);
        break;
    case HOLDS_OWN:
        struck = quell_table_hold(&table, &own.owner);
        held_in_interrupt += struck == QUELL_OK ? 1u : 0u;
        break;
    case RELEASES_OWN:
        struck = quell_table_release(&table, &own.owner);
        break;
    case RETIRES_OWN:
        struck = retired(&own);
        break;
    default: {
        quell_worker_t worker;
        struck = quell_op_start(&own.owner, &worker);
        if (struck == QUELL_OK) {
            MUST(quell_op_finish(&worker) == QUELL_OK);
        }
    }
    }
}

/* --- the ledger and the table */

static uint32_t live(const struct entry *entry) { return entry->live ? 1u : 0u; }

static void judge_one(struct entry *entry, uint32_t *holds) {
    quell_table_entry_t seen;
    if (!entry->live) {
        return;
    }
    MUST(quell_table_look(&table, entry->slot, QUELL_RIGHT_OBSERVE, &seen) == QUELL_OK);
    MUST(seen.tag == entry->tag);
    MUST((seen.status.phase == QUELL_PHASE_CANCELLED) == entry->cancelled);
    *holds += seen.holds;
    if (seen.status.phase == QUELL_PHASE_PENDING || entry->cancelled) {
        ended(entry);
    }
    MUST(retired(entry) == QUELL_OK);
}

static void judge_table(void) {
    quell_table_counts_t counts;
    uint32_t expected = live(&own) + live(&its), holds = 0;
    for (uint32_t i = 0; i < filled; i++) {
        expected += live(&others[i]);
    }
    MUST(quell_table_counts(&table, &counts) == QUELL_OK);
    MUST(counts.in_use == expected);
    MUST(!own.live || !its.live || own.slot != its.slot);
    for (uint32_t i = 0; i < filled; i++) {
        judge_one(&others[i], &holds);
    }
    judge_one(&own, &holds);
    judge_one(&its, &holds);
    MUST(holds == 0u);
    MUST(quell_table_counts(&table, &counts) == QUELL_OK && counts.in_use == 0u);
    /* Every slot of a small one can be had again. */
    for (uint32_t i = 0; slots <= 4u && i <= slots; i++) {
        MUST(claimed(&its, FIRST_TAG) == (i < slots ? QUELL_OK : QUELL_FULL));
    }
}

/* --- claim */

/* Few slots, of which all, or all but one, or all but two are taken; and more
 * than one word of bits. */
#define SHAPES 3u

static void fill(uint32_t choice) {
    static const uint8_t shapes[SHAPES][2] = {{4, 3}, {4, 4}, {MOST_SLOTS, 31}};
    table_of(shapes[choice][0], shapes[choice][1]);
}

static quell_table_claim_t claim_of_own = QUELL_TABLE_CLAIM_INIT;

static void to_claim(uint32_t variant) {
    static const uint8_t deeds[] = {CANCELS_TAG, CLAIMS, RETIRES_OTHER, RETIRES_AND_CLAIMS};
    claim_of_own.tag = TAG;
    deed = deeds[take(&variant, 4u)];
    fill(variant);
}

SWEPT static void claim(void) {
    answered = quell_table_claim(&table, &claim_of_own, &own.owner, &own.slot);
}

static void claim_concluded(void) {
    bool made_room = deed == RETIRES_OTHER || deed == RETIRES_AND_CLAIMS;
    uint32_t room = slots - filled + (made_room ? 1u : 0u);
    own.tag = TAG;
    own.live = answered == QUELL_OK;
    met(answered, struck);
    MUST(answered == QUELL_OK || answered == QUELL_FULL);
    if (deed == CANCELS_TAG) {
        MUST(struck == QUELL_NOT_FOUND || struck == QUELL_CANCELLED);
        MUST(struck == QUELL_NOT_FOUND || answered == QUELL_OK);
        own.cancelled = struck == QUELL_CANCELLED;
        MUST((answered == QUELL_OK) == (room > 0u));
    } else if (deed == RETIRES_OTHER) {
        MUST(struck == QUELL_OK);
        MUST(answered == QUELL_OK || slots == filled);
    } else {
        /* Both got a slot, or there was none left for one of them. */
        MUST(live(&own) + live(&its) == (room < 2u ? room : 2u) ||
             (made_room && slots == filled && live(&its) == 1u));
    }
    judge_table();
}

/* --- retire */

static void to_retire(uint32_t variant) {
    static const uint8_t deeds[] = {CANCELS_TAG, CLAIMS, HOLDS_OWN, RELEASES_OWN};
    uint32_t big = take(&variant, 2u);
    deed = deeds[take(&variant, 4u)];
    table_of(big != 0u ? MOST_SLOTS : 4u, (big != 0u ? MOST_SLOTS : 4u) - 1u);
    MUST(claimed(&own, TAG) == QUELL_OK);
    ended(&own);
    if (deed == RELEASES_OWN) {
        MUST(quell_table_hold(&table, &own.owner) == QUELL_OK);
    }
}

SWEPT static void retire(void) { answered = quell_table_retire(&table, &own.owner); }

static void retire_concluded(void) {
    uint32_t held = held_in_interrupt;
    met(answered, struck);
    MUST(answered == QUELL_OK);
    own.live = false;
    MUST(deed != CANCELS_TAG || struck == QUELL_FINISHED || struck == QUELL_NOT_FOUND);
    MUST(deed != CLAIMS || struck == QUELL_OK || struck == QUELL_FULL);
    MUST(deed != HOLDS_OWN || struck == QUELL_OK || struck == QUELL_STALE);
    MUST(deed != RELEASES_OWN || struck == QUELL_OK);
    if (held != 0u) {
        /* Kept from reuse until it is let go. */
        MUST(claimed(&its, OTHER_TAG) == QUELL_FULL);
        MUST(quell_table_release(&table, &own.owner) == QUELL_OK);
    }
    judge_table();
}

/* --- cancel_by_tag */

static void to_cancel(uint32_t variant) {
    static const uint8_t deeds[] = {ENDS_OWN, RETIRES_OWN_AND_REUSES_SLOT,
                                    RETIRES_OWN_AND_REUSES_TAG, CLAIMS};
    uint32_t big = take(&variant, 2u);
    deed = deeds[take(&variant, 4u)];
    table_of(big != 0u ? MOST_SLOTS : 4u, big != 0u ? 32u : 2u);
    MUST(claimed(&own, TAG) == QUELL_OK);
}

SWEPT static void cancel_by_tag(void) {
    answered = quell_table_cancel_by_tag(&table, TAG, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER,
                                         NULL, NULL);
}

static void cancel_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_CANCELLED || answered == QUELL_FINISHED ||
         answered == QUELL_NOT_FOUND);
    switch (deed) {
    case CLAIMS:
        MUST(answered == QUELL_CANCELLED && struck == QUELL_OK);
        own.cancelled = true;
        break;
    case ENDS_OWN:
        /* The worker was told that it may run, or that it was cancelled. */
        MUST((answered == QUELL_CANCELLED) == (struck == QUELL_CANCELLED));
        MUST(answered != QUELL_NOT_FOUND);
        own.cancelled = answered == QUELL_CANCELLED;
        break;
    case RETIRES_OWN_AND_REUSES_SLOT:
        /* Never the one that has the slot now. */
        MUST(!is_cancelled(&its));
        MUST((answered == QUELL_CANCELLED) == own.cancelled);
        break;
    default:
        /* The one of this tag, once, whichever it was at the time. */
        its.cancelled = is_cancelled(&its);
        MUST(its.cancelled ? answered == QUELL_CANCELLED && !own.cancelled
                           : (answered == QUELL_CANCELLED) == own.cancelled);
    }
    judge_table();
}

/* --- holds */

static void to_hold(uint32_t variant) {
    (void)variant;
    deed = RETIRES_OWN;
    table_of(4u, 3u);
    MUST(claimed(&own, TAG) == QUELL_OK);
    ended(&own);
}

static void to_release(uint32_t variant) {
    to_hold(variant);
    deed = variant == 0u ? RETIRES_OWN : HOLDS_OWN;
    MUST(quell_table_hold(&table, &own.owner) == QUELL_OK);
}

SWEPT static void hold(void) { answered = quell_table_hold(&table, &own.owner); }
SWEPT static void release(void) { answered = quell_table_release(&table, &own.owner); }

static void hold_concluded(void) {
    met(answered, struck);
    MUST(struck == QUELL_OK && (answered == QUELL_OK || answered == QUELL_STALE));
    if (answered == QUELL_OK) {
        MUST(claimed(&its, OTHER_TAG) == QUELL_FULL);
        MUST(quell_table_release(&table, &own.owner) == QUELL_OK);
    }
    judge_table();
}

static void release_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_OK && struck == QUELL_OK);
    if (deed == HOLDS_OWN) {
        MUST(quell_table_release(&table, &own.owner) == QUELL_OK);
        MUST(quell_table_release(&table, &own.owner) == QUELL_BAD_STATE);
    }
    judge_table();
}

const struct scenario table_scenarios[] = {
    {"table claim", 4u * SHAPES, to_claim, claim, strike, claim_concluded, false},
    {"table retire", 8u, to_retire, retire, strike, retire_concluded, false},
    {"table cancel_by_tag", 8u, to_cancel, cancel_by_tag, strike, cancel_concluded, false},
    {"table hold", 1u, to_hold, hold, strike, hold_concluded, false},
    {"table release", 2u, to_release, release, strike, release_concluded, false},
    {NULL, 0, NULL, NULL, NULL, NULL, false},
};
