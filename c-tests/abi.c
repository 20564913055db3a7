/* The binary interface as C sees it, and that the library exports every verb. */
#include "abi.h"

/* The inlined polls are of no address here; inline_poll.c has their symbols. */
static void check_function_types(void) {
    quell_verdict_t (*arm)(quell_op_t *, uint32_t, quell_handle_t *) = quell_op_arm;
    quell_verdict_t (*open)(quell_op_t *, uint32_t, quell_handle_t *) = quell_op_open;
    quell_verdict_t (*narrow)(const quell_handle_t *, uint32_t, quell_handle_t *) =
        quell_handle_narrow;
    quell_verdict_t (*with_gate)(const quell_handle_t *, const quell_gate_t *,
                                 quell_handle_t *) = quell_handle_with_gate;
    quell_verdict_t (*start)(const quell_handle_t *, quell_worker_t *) = quell_op_start;
    quell_verdict_t (*cancel)(const quell_handle_t *, quell_level_t, quell_cause_t,
                              uint32_t *) = quell_cancel;
    quell_verdict_t (*status)(const quell_handle_t *, quell_status_t *) = quell_op_status;
    quell_verdict_t (*shield)(quell_worker_t *) = quell_op_shield;
    quell_verdict_t (*unshield)(quell_worker_t *, quell_level_t *) = quell_op_unshield;
    quell_verdict_t (*commit)(quell_worker_t *) = quell_op_commit;
    quell_verdict_t (*finish)(quell_worker_t *) = quell_op_finish;
    quell_verdict_t (*fail)(quell_worker_t *, uint32_t) = quell_op_fail;
    quell_verdict_t (*acknowledge)(quell_worker_t *, quell_effects_t) = quell_op_acknowledge;
    quell_verdict_t (*force)(const quell_handle_t *, uint32_t) = quell_op_force;
    quell_verdict_t (*retire)(const quell_handle_t *) = quell_op_retire;
    quell_verdict_t (*handle)(const quell_worker_t *, quell_handle_t *) = quell_worker_handle;
    quell_level_t (*changed)(uint32_t, uint32_t) = quell_worker_poll_changed;

    CHECK(arm != NULL && open != NULL && narrow != NULL && with_gate != NULL);
    CHECK(start != NULL && cancel != NULL && status != NULL && shield != NULL);
    CHECK(unshield != NULL && commit != NULL && finish != NULL && fail != NULL);
    CHECK(acknowledge != NULL && force != NULL && retire != NULL && handle != NULL);
    CHECK(changed != NULL);
}

static void check_engine_function_types(void) {
    quell_verdict_t (*arm)(quell_source_t *, uint32_t, quell_handle_t *) = quell_source_arm;
    quell_verdict_t (*open)(quell_source_t *, uint32_t, quell_handle_t *) = quell_source_open;
    quell_verdict_t (*settle)(const quell_handle_t *) = quell_settle;
    quell_verdict_t (*add)(const quell_handle_t *, quell_hook_t *, quell_hook_fn_t, void *,
                           uint32_t, uint32_t *) = quell_hook_add;
    quell_verdict_t (*add_and_tell)(const quell_handle_t *, quell_hook_t *, quell_hook_fn_t,
                                    void *, uint32_t) = quell_hook_add_and_tell;
    quell_verdict_t (*detach)(const quell_handle_t *, quell_hook_t *) = quell_hook_detach;
    quell_verdict_t (*detach_sync)(const quell_handle_t *, quell_hook_t *) =
        quell_hook_detach_sync;
    quell_verdict_t (*member)(const quell_handle_t *, quell_member_t *,
                              const quell_handle_t *) = quell_member_add;
    quell_verdict_t (*scope_open)(quell_scope_t *, quell_scope_t *) = quell_scope_open;
    quell_verdict_t (*scope_open_below)(quell_scope_t *, const quell_handle_t *, uint32_t) =
        quell_scope_open_below;
    quell_verdict_t (*scope_shield)(quell_scope_t *, uint32_t) = quell_scope_shield;
    quell_verdict_t (*scope_cancel)(quell_scope_t *, quell_level_t, quell_cause_t) =
        quell_scope_cancel;
    quell_verdict_t (*scope_handle)(quell_scope_t *, uint32_t, quell_handle_t *) =
        quell_scope_handle;
    quell_verdict_t (*scope_close)(quell_scope_t *) = quell_scope_close;
    quell_verdict_t (*wait)(const quell_handle_t *, uint32_t, uint64_t, quell_told_t *) =
        quell_wait;
    quell_verdict_t (*from_isr)(const quell_handle_t *, quell_level_t, quell_cause_t,
                                uint32_t *) = quell_cancel_from_isr;
    void (*drain)(void) = quell_drain;
    void (*set_pend_drain)(void (*)(void)) = quell_set_pend_drain;

    CHECK(arm != NULL && open != NULL && settle != NULL && add != NULL && add_and_tell != NULL);
    CHECK(detach != NULL && detach_sync != NULL && member != NULL && scope_open != NULL);
    CHECK(scope_open_below != NULL && scope_shield != NULL && scope_cancel != NULL);
    CHECK(scope_handle != NULL && scope_close != NULL && wait != NULL && from_isr != NULL);
    CHECK(drain != NULL && set_pend_drain != NULL);
}

int main(void) {
    check_abi();
    check_function_types();
    check_engine_function_types();
    return check_report("abi.c");
}
