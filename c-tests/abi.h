/*
 * The binary interface, for abi.c and abi.cpp: layouts, numbers, names. Every
 * number here is written from the documents; ffi/tests/layout.rs asserts the
 * same layouts on the Rust side.
 */
#ifndef ABI_H
#define ABI_H

#include <stddef.h>

#include "check.h"
#include "quell.h"

#define POINTER sizeof(void *)

/* C99 has no alignof: the offset behind a char is the alignment. */
#define ALIGNMENT_PROBE(type)                                                                  \
    struct alignment_of_##type {                                                               \
        char first;                                                                            \
        type probed;                                                                           \
    }
#define ALIGNMENT(type) offsetof(struct alignment_of_##type, probed)

ALIGNMENT_PROBE(quell_op_t);
ALIGNMENT_PROBE(quell_handle_t);
ALIGNMENT_PROBE(quell_worker_t);
ALIGNMENT_PROBE(quell_status_t);
ALIGNMENT_PROBE(quell_gate_t);
ALIGNMENT_PROBE(quell_table_t);
ALIGNMENT_PROBE(quell_table_config_t);
ALIGNMENT_PROBE(quell_table_claim_t);
ALIGNMENT_PROBE(quell_table_entry_t);
ALIGNMENT_PROBE(quell_source_t);
ALIGNMENT_PROBE(quell_hook_t);
ALIGNMENT_PROBE(quell_told_t);
ALIGNMENT_PROBE(quell_member_t);
ALIGNMENT_PROBE(quell_scope_t);

static inline void check_layouts(void) {
    CHECK(POINTER == 8 || POINTER == 4);

    CHECK_EQ(sizeof(quell_op_t), 8);
    CHECK_EQ(ALIGNMENT(quell_op_t), 4);
    CHECK_EQ(offsetof(quell_op_t, word), 0);
    CHECK_EQ(offsetof(quell_op_t, code), 4);

    CHECK_EQ(sizeof(quell_handle_t), POINTER == 8 ? 24 : 12);
    CHECK_EQ(ALIGNMENT(quell_handle_t), POINTER);
    CHECK_EQ(offsetof(quell_handle_t, op), 0);
    CHECK_EQ(offsetof(quell_handle_t, gate), POINTER == 8 ? 8 : 4);
    CHECK_EQ(offsetof(quell_handle_t, ticket), POINTER == 8 ? 16 : 8);

    CHECK_EQ(sizeof(quell_worker_t), POINTER == 8 ? 16 : 8);
    CHECK_EQ(ALIGNMENT(quell_worker_t), POINTER);
    CHECK_EQ(offsetof(quell_worker_t, op), 0);
    CHECK_EQ(offsetof(quell_worker_t, left), POINTER == 8 ? 8 : 4);

    CHECK_EQ(sizeof(quell_gate_t), POINTER == 8 ? 16 : 8);
    CHECK_EQ(ALIGNMENT(quell_gate_t), POINTER);
    CHECK_EQ(offsetof(quell_gate_t, ask), 0);
    CHECK_EQ(offsetof(quell_gate_t, context), POINTER == 8 ? 8 : 4);

    CHECK_EQ(sizeof(quell_status_t), 32);
    CHECK_EQ(ALIGNMENT(quell_status_t), 4);
    CHECK_EQ(offsetof(quell_status_t, phase), 0);
    CHECK_EQ(offsetof(quell_status_t, level), 4);
    CHECK_EQ(offsetof(quell_status_t, cause), 8);
    CHECK_EQ(offsetof(quell_status_t, effects), 12);
    CHECK_EQ(offsetof(quell_status_t, code), 16);
    CHECK_EQ(offsetof(quell_status_t, shields), 20);
    CHECK_EQ(offsetof(quell_status_t, mode), 24);
    CHECK_EQ(offsetof(quell_status_t, generation), 28);

    CHECK_EQ(sizeof(quell_verdict_t), 4);
    CHECK_EQ(sizeof(quell_level_t), 4);
    CHECK_EQ(sizeof(quell_cause_t), 4);
    CHECK_EQ(sizeof(quell_phase_t), 4);
    CHECK_EQ(sizeof(quell_effects_t), 4);
}

static inline void check_table_layouts(void) {
    const quell_table_config_t config = QUELL_TABLE_CONFIG_INIT;
    const quell_table_claim_t claim = QUELL_TABLE_CLAIM_INIT;

    CHECK_EQ(sizeof(quell_table_t), POINTER == 8 ? 16 : 8);
    CHECK_EQ(ALIGNMENT(quell_table_t), POINTER);
    CHECK_EQ(offsetof(quell_table_t, slots), POINTER);

    CHECK_EQ(sizeof(quell_table_config_t), POINTER == 8 ? 24 : 16);
    CHECK_EQ(ALIGNMENT(quell_table_config_t), POINTER);
    CHECK_EQ(offsetof(quell_table_config_t, struct_size), 0);
    CHECK_EQ(offsetof(quell_table_config_t, slots), 4);
    CHECK_EQ(offsetof(quell_table_config_t, storage), 8);
    CHECK_EQ(offsetof(quell_table_config_t, storage_size), 8 + POINTER);
    CHECK(config.struct_size == sizeof config && config.slots == 0 && config.storage == NULL &&
          config.storage_size == 0);

    CHECK_EQ(sizeof(quell_table_claim_t), POINTER == 8 ? 32 : 24);
    CHECK_EQ(ALIGNMENT(quell_table_claim_t), POINTER);
    CHECK_EQ(offsetof(quell_table_claim_t, struct_size), 0);
    CHECK_EQ(offsetof(quell_table_claim_t, tag), 4);
    CHECK_EQ(offsetof(quell_table_claim_t, mode), 8);
    CHECK_EQ(offsetof(quell_table_claim_t, owner), 12);
    CHECK_EQ(offsetof(quell_table_claim_t, prepare), 16);
    CHECK_EQ(offsetof(quell_table_claim_t, context), 16 + POINTER);
    CHECK(claim.struct_size == sizeof claim && claim.tag == 0 && claim.mode == 0 &&
          claim.owner == 0 && claim.prepare == NULL && claim.context == NULL);

    CHECK_EQ(sizeof(quell_table_entry_t), POINTER == 8 ? 72 : 60);
    CHECK_EQ(ALIGNMENT(quell_table_entry_t), POINTER);
    CHECK_EQ(offsetof(quell_table_entry_t, handle), 0);
    CHECK_EQ(offsetof(quell_table_entry_t, status), POINTER == 8 ? 24 : 12);
    CHECK_EQ(offsetof(quell_table_entry_t, slot), POINTER == 8 ? 56 : 44);
    CHECK_EQ(offsetof(quell_table_entry_t, tag), POINTER == 8 ? 60 : 48);
    CHECK_EQ(offsetof(quell_table_entry_t, owner), POINTER == 8 ? 64 : 52);
    CHECK_EQ(offsetof(quell_table_entry_t, holds), POINTER == 8 ? 68 : 56);

    CHECK_EQ(sizeof(quell_table_counts_t), 12);
    CHECK_EQ(QUELL_TABLE_HEADER_SIZE, 32);
    CHECK_EQ(QUELL_TABLE_SLOT_SIZE, 24);
    CHECK_EQ(QUELL_TABLE_MAX_SLOTS, 32768);
    CHECK_EQ(QUELL_TABLE_MAX_OWNER, 32767);
    CHECK_EQ(QUELL_TABLE_STORAGE(8), 224);
}

static inline void check_engine_layouts(void) {
    CHECK_EQ(sizeof(quell_source_t), POINTER == 8 ? 24 : 16);
    CHECK_EQ(ALIGNMENT(quell_source_t), 8);
    CHECK_EQ(offsetof(quell_source_t, op), 0);
    CHECK_EQ(offsetof(quell_source_t, reserved), 8);

    CHECK_EQ(sizeof(quell_hook_t), POINTER == 8 ? 32 : 16);
    CHECK_EQ(ALIGNMENT(quell_hook_t), 8);
    CHECK_EQ(offsetof(quell_hook_t, reserved), 0);

    CHECK_EQ(sizeof(quell_told_t), 24);
    CHECK_EQ(ALIGNMENT(quell_told_t), 4);
    CHECK_EQ(offsetof(quell_told_t, events), 0);
    CHECK_EQ(offsetof(quell_told_t, phase), 4);
    CHECK_EQ(offsetof(quell_told_t, level), 8);
    CHECK_EQ(offsetof(quell_told_t, cause), 12);
    CHECK_EQ(offsetof(quell_told_t, effects), 16);
    CHECK_EQ(offsetof(quell_told_t, code), 20);

    CHECK_EQ(sizeof(quell_member_t), POINTER == 8 ? 56 : 32);
    CHECK_EQ(ALIGNMENT(quell_member_t), 8);
    CHECK_EQ(offsetof(quell_member_t, hook), 0);
    CHECK_EQ(offsetof(quell_member_t, member), POINTER == 8 ? 32 : 16);

    CHECK_EQ(sizeof(quell_scope_t), POINTER == 8 ? 48 : 32);
    CHECK_EQ(ALIGNMENT(quell_scope_t), 8);
    CHECK_EQ(offsetof(quell_scope_t, source), 0);
    CHECK_EQ(offsetof(quell_scope_t, reserved), POINTER == 8 ? 24 : 16);
}

/* The initialisers make what all-zero memory is. */
static inline void check_initialisers(void) {
    static const unsigned char zeroes[sizeof(quell_scope_t)] = {0};
    static const quell_source_t source = QUELL_SOURCE_INIT;
    static const quell_hook_t hook = QUELL_HOOK_INIT;
    static const quell_scope_t scope = QUELL_SCOPE_INIT;
    CHECK(memcmp(&source, zeroes, sizeof source) == 0);
    CHECK(memcmp(&hook, zeroes, sizeof hook) == 0);
    CHECK(memcmp(&scope, zeroes, sizeof scope) == 0);
}

static inline void check_macros(void) {
    const quell_op_t vacant = QUELL_OP_INIT;
    CHECK_EQ(vacant.word, 0);
    CHECK_EQ(vacant.code, 0);

    CHECK_EQ(QUELL_RIGHT_OBSERVE, 0);
    CHECK_EQ(QUELL_RIGHT_CANCEL, 1);
    CHECK_EQ(QUELL_RIGHT_WORK, 2);
    CHECK_EQ(QUELL_RIGHT_OWN, 4);
    CHECK_EQ(QUELL_RIGHT_ALL, 7);
    CHECK_EQ(QUELL_MODE_DECISIVE, 0);
    CHECK_EQ(QUELL_MODE_BEST_EFFORT, 1);
    CHECK_EQ(QUELL_MODE_UNCANCELLABLE, 2);
    CHECK_EQ(QUELL_MODE_GATED, 4);
    CHECK_EQ(QUELL_CODE_ABANDONED, 0x7FFF0001);
    CHECK_EQ(QUELL_EVENT_REQUEST, 1);
    CHECK_EQ(QUELL_EVENT_RAISE, 2);
    CHECK_EQ(QUELL_EVENT_END, 4);
    CHECK_EQ(QUELL_EVENT_ALL, 7);
    CHECK_EQ(QUELL_FOREVER, 0xFFFFFFFFFFFFFFFF);

    CHECK_EQ(QUELL_VERSION_MAJOR, 0);
    CHECK_EQ(QUELL_VERSION_MINOR, 1);
    CHECK_EQ(QUELL_VERSION_PATCH, 0);
    CHECK_EQ(QUELL_ABI_VERSION, 1);
    CHECK_EQ(quell_abi_version(), QUELL_ABI_VERSION);
}

typedef const char *name_function(uint32_t);

/* Names end where the numbers end. */
static inline void check_unknown(name_function *name, uint32_t first_unknown) {
    uint32_t bit;
    CHECK_TEXT(name(first_unknown), "?");
    CHECK_TEXT(name(first_unknown + 1u), "?");
    CHECK_TEXT(name(0xFFFFFFFFu), "?");
    for (bit = 5; bit < 32; ++bit) {
        CHECK_TEXT(name((uint32_t)1 << bit), "?");
        CHECK_TEXT(name((uint32_t)1 << bit | 1u), "?");
    }
}

#define NUMBER(family, prefix, name, number)                                                   \
    CHECK_EQ(prefix##name, number);                                                            \
    CHECK_TEXT(quell_##family##_name(number), #name)

static inline void check_verdicts(void) {
#define VERDICT(name, number) NUMBER(verdict, QUELL_, name, number)
    VERDICT(OK, 0);
    VERDICT(CANCELLED, 1);
    VERDICT(CANCELLING, 2);
    VERDICT(REQUESTED, 3);
    VERDICT(RAISED, 4);
    VERDICT(ALREADY_CANCELLING, 5);
    VERDICT(ALREADY_REQUESTED, 6);
    VERDICT(ALREADY_CANCELLED, 7);
    VERDICT(FINISHED, 8);
    VERDICT(FAILED, 9);
    VERDICT(TOO_LATE, 10);
    VERDICT(UNSUPPORTED, 11);
    VERDICT(DENIED, 12);
    VERDICT(REFUSED, 13);
    VERDICT(BAD_STATE, 14);
    VERDICT(STALE, 15);
    VERDICT(INVALID, 16);
    VERDICT(FULL, 17);
    VERDICT(BUSY, 18);
    VERDICT(TIMED_OUT, 19);
    VERDICT(WOULD_BLOCK, 20);
    VERDICT(RUNNING, 21);
    VERDICT(RAN, 22);
    VERDICT(HAPPENED, 23);
    VERDICT(NOT_FOUND, 24);
    VERDICT(IGNORED, 25);
#undef VERDICT
    check_unknown(quell_verdict_name, 26);
}

static inline void check_levels_and_causes(void) {
#define LEVEL(name, number) NUMBER(level, QUELL_LEVEL_, name, number)
    LEVEL(NONE, 0);
    LEVEL(GRACEFUL, 1);
    LEVEL(IMMEDIATE, 2);
    LEVEL(EMERGENCY, 3);
#undef LEVEL
    check_unknown(quell_level_name, 4);

#define CAUSE(name, number) NUMBER(cause, QUELL_CAUSE_, name, number)
    CAUSE(NONE, 0);
    CAUSE(USER, 1);
    CAUSE(PARENT, 2);
    CAUSE(DEADLINE, 3);
    CAUSE(SHUTDOWN, 4);
    CAUSE(FAULT, 5);
    CAUSE(PEER, 6);
    CAUSE(SELF, 7);
    CAUSE(APPLICATION_0, 8);
    CAUSE(APPLICATION_1, 9);
    CAUSE(APPLICATION_2, 10);
    CAUSE(APPLICATION_3, 11);
    CAUSE(APPLICATION_4, 12);
    CAUSE(APPLICATION_5, 13);
    CAUSE(APPLICATION_6, 14);
    CAUSE(APPLICATION_7, 15);
#undef CAUSE
    check_unknown(quell_cause_name, 16);
}

static inline void check_phases_and_effects(void) {
#define PHASE(name, number) NUMBER(phase, QUELL_PHASE_, name, number)
    PHASE(VACANT, 0);
    PHASE(PENDING, 1);
    PHASE(RUNNING, 2);
    PHASE(COMMITTED, 3);
    PHASE(FINISHED, 4);
    PHASE(FAILED, 5);
    PHASE(CANCELLED, 6);
#undef PHASE
    check_unknown(quell_phase_name, 7);

#define EFFECTS(name, number) NUMBER(effects, QUELL_EFFECTS_, name, number)
    EFFECTS(UNSTATED, 0);
    EFFECTS(NONE, 1);
    EFFECTS(PARTIAL, 2);
    EFFECTS(UNKNOWN, 3);
#undef EFFECTS
    check_unknown(quell_effects_name, 4);
}

static inline void check_abi(void) {
    check_layouts();
    check_table_layouts();
    check_engine_layouts();
    check_initialisers();
    check_macros();
    check_verdicts();
    check_levels_and_causes();
    check_phases_and_effects();
}

#endif
