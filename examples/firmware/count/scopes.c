/* Scopes: children by number, added, left, cancelled. */

#include "count.h"

#include <stdio.h>

#define MOST 64u

static quell_scope_t root, children[MOST];

static void opens(void) {
    COUNT("scope open", quell_scope_open(&root, NULL), QUELL_OK);
    COUNT("child open", quell_scope_open(&children[0], &root), QUELL_OK);
    COUNT("child close", quell_scope_close(&children[0]), QUELL_OK);
    HOLDS(quell_scope_open(&children[0], &root) == QUELL_OK);
    COUNT("child shield", quell_scope_shield(&children[0], 1u), QUELL_OK);
    HOLDS(quell_scope_close(&children[0]) == QUELL_OK);
    COUNT("scope close", quell_scope_close(&root), QUELL_OK);
}

static void among(uint32_t number) {
    char name[48];
    HOLDS(quell_scope_open(&root, NULL) == QUELL_OK);
    for (uint32_t i = 1; i < number; i++) {
        HOLDS(quell_scope_open(&children[i], &root) == QUELL_OK);
    }
    (void)snprintf(name, sizeof name, "child open, the last: %u children", (unsigned)number);
    COUNT(name, quell_scope_open(&children[0], &root), QUELL_OK);
    (void)snprintf(name, sizeof name, "scope cancel: %u children", (unsigned)number);
    COUNT(name, quell_scope_cancel(&root, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER),
          QUELL_CANCELLING);
    (void)snprintf(name, sizeof name, "scope close: %u children", (unsigned)number);
    COUNT(name, quell_scope_close(&root), QUELL_OK);
    for (uint32_t i = 0; i < number; i++) {
        HOLDS(quell_scope_poll(&children[i]) == QUELL_LEVEL_GRACEFUL);
        HOLDS(quell_scope_close(&children[i]) == QUELL_OK);
    }
}

void count_scopes(void) {
    opens();
    among(1u);
    among(8u);
    among(MOST);
}
