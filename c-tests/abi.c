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

int main(void) {
    check_abi();
    check_function_types();
    return check_report("abi.c");
}
