/* Scopes: opened, closed and cancelled in thread mode, while an interrupt
 * cancels the parent, or the scope itself at a higher level. Everybody below is
 * asked, once, and nobody else is. */

#include "life.h"

#include <string.h>

#define CHILDREN 4u

static quell_scope_t parent, child, siblings[CHILDREN];
static struct listener of_parent, of_child, of_sibling[CHILDREN];
static quell_member_t member;
static uint32_t children;
static quell_level_t level;
static quell_handle_t above, below;

static void listen_to(quell_scope_t *scope, quell_handle_t *handle, struct listener *listener) {
    memset(listener, 0, sizeof *listener);
    MUST(quell_scope_handle(scope, QUELL_RIGHT_CANCEL, handle) == QUELL_OK);
    MUST(quell_hook_add(handle, &listener->hook, life_hears, listener, QUELL_EVENT_ALL, NULL) ==
         QUELL_OK);
}

static void strike(void) {
    struck = quell_cancel_from_isr(&above, level, QUELL_CAUSE_USER, NULL);
}

/* A parent with siblings of what the call is about. */
static void family(uint32_t variant) {
    quell_handle_t ignored;
    level = take(&variant, 2u) == 0u ? QUELL_LEVEL_GRACEFUL : QUELL_LEVEL_EMERGENCY;
    children = take(&variant, 2u) * CHILDREN;
    memset(&of_child, 0, sizeof of_child);
    MUST(quell_scope_open(&parent, NULL) == QUELL_OK);
    for (uint32_t i = 0; i < children; i++) {
        MUST(quell_scope_open(&siblings[i], &parent) == QUELL_OK);
        listen_to(&siblings[i], &ignored, &of_sibling[i]);
    }
    listen_to(&parent, &above, &of_parent);
}

static void close_and_judge(quell_scope_t *scope, const struct listener *listener,
                            quell_level_t asked) {
    MUST(quell_scope_poll(scope) == asked);
    MUST(quell_scope_close(scope) == QUELL_OK);
    MUST(listener->requests == (asked != QUELL_LEVEL_NONE ? 1u : 0u) && listener->ends == 1u);
    MUST(listener->last.level == asked && listener->raises <= 1u);
    MUST(listener->last.phase ==
         (asked != QUELL_LEVEL_NONE ? QUELL_PHASE_CANCELLED : QUELL_PHASE_FINISHED));
}

static void family_ends(quell_level_t asked) {
    for (uint32_t i = 0; i < children; i++) {
        close_and_judge(&siblings[i], &of_sibling[i], asked);
    }
    close_and_judge(&parent, &of_parent, asked);
}

/* --- open */

SWEPT static void open_below(void) { answered = quell_scope_open(&child, &parent); }

static void open_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_OK && struck == QUELL_CANCELLING);
    MUST(quell_scope_poll(&child) == level);
    MUST(quell_scope_handle(&child, QUELL_RIGHT_CANCEL, &below) == QUELL_OK);
    {
        quell_status_t seen;
        MUST(quell_op_status(&below, &seen) == QUELL_OK && seen.cause == QUELL_CAUSE_PARENT);
    }
    MUST(quell_scope_close(&child) == QUELL_OK);
    family_ends(level);
}

/* --- close */

static void with_child(uint32_t variant) {
    family(variant);
    MUST(quell_scope_open(&child, &parent) == QUELL_OK);
    listen_to(&child, &below, &of_child);
}

SWEPT static void close_below(void) { answered = quell_scope_close(&child); }

static void close_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_OK && struck == QUELL_CANCELLING);
    MUST(of_child.ends == 1u && of_child.requests <= 1u);
    MUST((of_child.last.phase == QUELL_PHASE_CANCELLED) == (of_child.requests == 1u));
    MUST(of_child.last.level == (of_child.requests == 1u ? level : QUELL_LEVEL_NONE));
    family_ends(level);
}

/* --- cancel */

SWEPT static void cancel(void) {
    answered = quell_scope_cancel(&parent, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_SHUTDOWN);
}

static void cancel_concluded(void) {
    bool first = answered == QUELL_CANCELLING;
    met(answered, struck);
    MUST(first != (struck == QUELL_CANCELLING));
    MUST(first ? struck ==
                     (level == QUELL_LEVEL_EMERGENCY ? QUELL_RAISED : QUELL_ALREADY_CANCELLING)
               : answered == (level == QUELL_LEVEL_EMERGENCY ? QUELL_ALREADY_CANCELLING
                                                             : QUELL_RAISED));
    close_and_judge(&child, &of_child,
                    level == QUELL_LEVEL_EMERGENCY ? level : QUELL_LEVEL_IMMEDIATE);
    family_ends(level == QUELL_LEVEL_EMERGENCY ? level : QUELL_LEVEL_IMMEDIATE);
}

/* --- an operation that becomes a member */

static void with_life(uint32_t variant) {
    bool plain = take(&variant, 2u) != 0u;
    family(variant);
    memset(&member, 0, sizeof member);
    life_begin(plain, QUELL_MODE_DECISIVE, plain ? 0u : 1u);
}

SWEPT static void add_member(void) {
    answered = quell_member_add(&above, &member, &life.owner);
}

static void member_concluded(void) {
    met(answered, struck);
    MUST(answered == QUELL_OK || answered == QUELL_HAPPENED);
    MUST(struck == QUELL_CANCELLING);
    /* By the scope, at the same level. */
    life.asked[ASKED_IN_INTERRUPT].level = level;
    life.asked[ASKED_IN_INTERRUPT].cause = QUELL_CAUSE_PARENT;
    life.asked[ASKED_IN_INTERRUPT].verdict = QUELL_CANCELLING;
    life_conclude();
    (void)quell_hook_detach(&above, &member.hook);
    family_ends(level);
}

const struct scenario scope_scenarios[] = {
    {"scope open", 2u, family, open_below, strike, open_concluded, false},
    {"scope close", 4u, with_child, close_below, strike, close_concluded, false},
    {"scope cancel", 4u, with_child, cancel, strike, cancel_concluded, false},
    {"scope member", 4u, with_life, add_member, strike, member_concluded, false},
    {NULL, 0, NULL, NULL, NULL, NULL, false},
};
