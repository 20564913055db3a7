#include "power.h"

#include <string.h>

#include "command.h"
#include "machine.h"
#include "quell.h"
#include "trace.h"
#include "violation.h"

static quell_source_t source = QUELL_SOURCE_INIT;
static quell_hook_t hook = QUELL_HOOK_INIT;
static quell_handle_t owner;
static bool hook_has_run;

static void tell_commands(void *context, const quell_told_t *told) {
    (void)context;
    commands_cancel_all(told->level, told->cause);
    __atomic_store_n(&hook_has_run, true, __ATOMIC_RELEASE);
    machine_notify(MACHINE_CONTROLLER);
}

static void arm(void) {
    quell_handle_t armed;
    uint32_t saved;
    hook_has_run = false;
    require(quell_source_arm(&source, QUELL_MODE_DECISIVE, &armed) == QUELL_OK, "power: armed",
            0);
    require(quell_hook_add(&armed, &hook, tell_commands, NULL, QUELL_EVENT_REQUEST, NULL) ==
                QUELL_OK,
            "power: no hook", 0);
    saved = machine_mask();
    owner = armed;
    machine_unmask(saved);
}

/* A second run begins with what the first one left. */
void power_init(void) {
    if (quell_op_force(&owner, QUELL_NVME_INTERNAL_ERROR) == QUELL_OK) {
        require(quell_settle(&owner) == QUELL_OK, "power: not settled", 0);
        require(quell_op_retire(&owner) == QUELL_OK, "power: not retired", 0);
    }
    arm();
}

bool power_fails(void) {
    quell_verdict_t verdict =
        quell_cancel_from_isr(&owner, QUELL_LEVEL_EMERGENCY, QUELL_CAUSE_FAULT, NULL);
    if (verdict == QUELL_CANCELLED) {
        trace(TRACE_POWER_FAILS, 0, 0, 0);
        return true;
    }
    require(verdict == QUELL_ALREADY_CANCELLED || verdict == QUELL_STALE, "power: was told",
            verdict);
    return false;
}

bool power_is_good(void) {
    if (quell_op_poll(&source.op) == QUELL_LEVEL_NONE) {
        return true;
    }
    if (!__atomic_load_n(&hook_has_run, __ATOMIC_ACQUIRE) || !commands_none()) {
        return false;
    }
    if (quell_op_retire(&owner) == QUELL_BUSY) {
        return false;
    }
    trace(TRACE_POWER_IS_BACK, 0, 0, 0);
    arm();
    return true;
}
