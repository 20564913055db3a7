/*
 * The dialects of NVMe, SCSI and io_uring: a controller whose commands are
 * operations in a table, and bad input to every mapping of the dialects beyond
 * Windows. c-tests/conformance/mappings.c has their rows.
 */
#include "rejects.h"

/* Its status codes stand one bit to the right. */
#if defined(__linux__)
#include <scsi/scsi.h>
#if QUELL_SCSI_STATUS_GOOD >> 1 != GOOD ||                                                     \
    QUELL_SCSI_STATUS_CHECK_CONDITION >> 1 != CHECK_CONDITION ||                               \
    QUELL_SCSI_SENSE_INTERNAL_TARGET_FAILURE >> 16 != HARDWARE_ERROR ||                        \
    QUELL_SCSI_SENSE_CLEARED_BY_ANOTHER_INITIATOR >> 16 != UNIT_ATTENTION ||                   \
    QUELL_SCSI_SENSE_CLEARED_BY_POWER_LOSS >> 16 != UNIT_ATTENTION ||                          \
    QUELL_SCSI_SENSE_CLEARED_BY_DEVICE_SERVER >> 16 != ABORTED_COMMAND
#error "quell's SCSI numbers are not the system's"
#endif
#endif

#define MISALIGNED(type, object) ((type *)((uintptr_t)(&(object)) + 1u))
#define COMMANDS 2u

static uint32_t memory[QUELL_TABLE_STORAGE(COMMANDS) / sizeof(uint32_t)];

typedef struct {
    quell_handle_t owner;
    quell_worker_t worker;
    uint32_t slot;
} command_t;

static quell_status_t status_of(const command_t *command) {
    quell_status_t seen;
    CHECK_EQ(quell_op_status(&command->owner, &seen), QUELL_OK);
    return seen;
}

static quell_verdict_t claim(const quell_table_t *table, command_t *command, uint32_t tag,
                             uint32_t mode) {
    quell_table_claim_t asked = QUELL_TABLE_CLAIM_INIT;
    memset(command, 0, sizeof *command);
    asked.tag = tag;
    asked.mode = mode;
    return quell_table_claim(table, &asked, &command->owner, &command->slot);
}

/* An Abort command for the command of this identifier. */
static quell_nvme_abort_t nvme_abort(const quell_table_t *table, uint32_t tag,
                                     uint32_t profile) {
    uint32_t code = 0;
    const quell_verdict_t told = quell_table_cancel_by_tag(table, tag, QUELL_LEVEL_IMMEDIATE,
                                                           QUELL_CAUSE_USER, NULL, &code);
    return quell_nvme_abort_completion(told, code, profile);
}

static void abort_says(quell_nvme_abort_t said, quell_verdict_t verdict, uint32_t status,
                       uint32_t dword0, uint32_t after_end) {
    CHECK_EQ(said.verdict, verdict);
    CHECK_EQ(said.status, status);
    CHECK_EQ(said.dword0, dword0);
    CHECK_EQ(said.after_end, after_end);
}

static void a_controller(void) {
    quell_table_config_t config = QUELL_TABLE_CONFIG_INIT;
    quell_table_t table;
    command_t first, second, third;
    quell_status_t seen;
    config.slots = COMMANDS;
    config.storage = memory;
    config.storage_size = sizeof memory;
    CHECK_EQ(quell_table_init(&config, &table), QUELL_OK);
    CHECK_EQ(claim(&table, &first, 0x11, QUELL_MODE_BEST_EFFORT), QUELL_OK);
    CHECK_EQ(claim(&table, &second, 0x12, QUELL_MODE_DECISIVE), QUELL_OK);
    /* The limit of a table of aborts is said in the specification's own words. */
    abort_says(quell_nvme_abort_completion(claim(&table, &third, 0x13, QUELL_MODE_DECISIVE), 0,
                                           QUELL_NVME_PROFILE_WAITS),
               QUELL_FULL, QUELL_NVME_ABORT_LIMIT_EXCEEDED, QUELL_NVME_NOT_ABORTED, 0);
    abort_says(nvme_abort(&table, 0x99, QUELL_NVME_PROFILE_WAITS), QUELL_NOT_FOUND,
               QUELL_NVME_SUCCESS, QUELL_NVME_NOT_ABORTED, 0);

    /* At the device, and done all the same. */
    CHECK_EQ(quell_op_start(&first.owner, &first.worker), QUELL_OK);
    abort_says(nvme_abort(&table, 0x11, QUELL_NVME_PROFILE_WAITS), QUELL_REQUESTED,
               QUELL_NVME_SUCCESS, QUELL_NVME_NOT_ABORTED, 1);
    abort_says(nvme_abort(&table, 0x11, QUELL_NVME_PROFILE_DEFERS), QUELL_ALREADY_REQUESTED,
               QUELL_NVME_SUCCESS, QUELL_NVME_NOT_ABORTED, 0);
    seen = status_of(&first);
    CHECK_EQ(quell_nvme_command_status(&seen).after_end, 1);
    CHECK_EQ(quell_op_finish(&first.worker), QUELL_OK);
    seen = status_of(&first);
    abort_says(quell_nvme_abort_end_completion(&seen), QUELL_OK, QUELL_NVME_SUCCESS,
               QUELL_NVME_NOT_ABORTED, 0);
    CHECK_EQ(quell_nvme_command_status(&seen).code, QUELL_NVME_SUCCESS);

    /* Not begun: aborted at once; SCSI's and io_uring's names for the same. */
    abort_says(nvme_abort(&table, 0x12, QUELL_NVME_PROFILE_WAITS), QUELL_CANCELLED,
               QUELL_NVME_SUCCESS, 0, 0);
    seen = status_of(&second);
    CHECK_EQ(quell_nvme_command_status(&seen).code, QUELL_NVME_ABORT_REQUESTED);
    CHECK_EQ(quell_scsi_abort_task_end_response(&seen, QUELL_SCSI_TRANSPORT_SAS).code,
             QUELL_SAS_COMPLETE);
    CHECK_EQ(quell_scsi_task_status(&seen, QUELL_SCSI_NEXUS_OTHER_TAS).status,
             QUELL_SCSI_STATUS_TASK_ABORTED);
    CHECK_EQ(quell_uring_request_result(&seen, 0).result, -QUELL_LINUX_ECANCELED);
}

/* A status that is none: each field beyond its numbers. */
static void bad_statuses(void) {
    quell_status_t good[2];
    const quell_status_t *bad[3];
    uint32_t fields[8];
    size_t i;
    memset(good, 0, sizeof good);
    good[0].phase = QUELL_PHASE_FINISHED;
    memcpy(fields, &good[0], sizeof fields);
    fields[0] = QUELL_PHASE_CANCELLED + 1u;
    memcpy(&good[1], fields, sizeof fields);
    bad[0] = NULL;
    bad[1] = MISALIGNED(quell_status_t, good[0]);
    bad[2] = &good[1];
    for (i = 0; i < COUNT(bad); ++i) {
        abort_says(quell_nvme_abort_end_completion(bad[i]), QUELL_INVALID,
                   QUELL_NVME_INVALID_FIELD, QUELL_NVME_NOT_ABORTED, 0);
        CHECK_EQ(quell_nvme_command_status(bad[i]).verdict, QUELL_INVALID);
        CHECK_EQ(quell_nvme_command_status(bad[i]).code, QUELL_NVME_INTERNAL_ERROR);
        CHECK_EQ(quell_scsi_abort_task_end_response(bad[i], 0).verdict, QUELL_INVALID);
        CHECK_EQ(quell_scsi_abort_task_end_response(bad[i], 0).code, QUELL_SCSI_TARGET_FAILURE);
        CHECK_EQ(quell_scsi_abort_all_end_response(bad[i], 1).verdict, QUELL_INVALID);
        CHECK_EQ(quell_scsi_abort_all_end_response(bad[i], 1).code, QUELL_SAS_INVALID_FRAME);
        CHECK_EQ(quell_scsi_query_task_response(bad[i], 2).verdict, QUELL_INVALID);
        CHECK_EQ(quell_scsi_query_task_response(bad[i], 2).code, QUELL_ISCSI_REJECTED);
        CHECK_EQ(quell_scsi_task_status(bad[i], 0).verdict, QUELL_INVALID);
        CHECK_EQ(quell_scsi_task_status(bad[i], 0).status, QUELL_SCSI_STATUS_CHECK_CONDITION);
        CHECK_EQ(quell_aio_cancel_end_result(bad[i]).verdict, QUELL_INVALID);
        CHECK_EQ(quell_aio_cancel_end_result(bad[i]).error, QUELL_LINUX_EINVAL);
        CHECK_EQ(quell_aio_error_result(bad[i]).verdict, QUELL_INVALID);
        CHECK_EQ(quell_aio_error_result(bad[i]).result, -1);
        CHECK_EQ(quell_aio_return_value(bad[i], 5), -1);
        CHECK_EQ(quell_uring_sync_cancel_end_result(QUELL_OK, bad[i]).verdict, QUELL_INVALID);
        CHECK_EQ(quell_uring_sync_cancel_end_result(QUELL_OK, bad[i]).result,
                 -QUELL_LINUX_EINVAL);
        CHECK_EQ(quell_uring_request_result(bad[i], 5).verdict, QUELL_INVALID);
        CHECK_EQ(quell_uring_request_result(bad[i], 5).result, -QUELL_LINUX_EINVAL);
    }
    CHECK_EQ(quell_nvme_command_status(&good[0]).verdict, QUELL_OK);
}

/* A number that the enum does not have, as C can hand it over. */
static quell_verdict_t verdict_of(uint32_t number) {
    quell_verdict_t verdict;
    memcpy(&verdict, &number, sizeof verdict);
    return verdict;
}

static void bad_numbers(void) {
    const uint32_t beyond[2] = {QUELL_IGNORED + 1u, 0xFFFFFFFFu};
    quell_status_t seen;
    size_t i;
    memset(&seen, 0, sizeof seen);
    seen.phase = QUELL_PHASE_FINISHED;
    for (i = 0; i < COUNT(beyond); ++i) {
        const quell_verdict_t none = verdict_of(beyond[i]);
        abort_says(quell_nvme_abort_completion(none, 5, QUELL_NVME_PROFILE_WAITS),
                   QUELL_INVALID, QUELL_NVME_INVALID_FIELD, QUELL_NVME_NOT_ABORTED, 0);
        abort_says(quell_nvme_abort_completion(QUELL_CANCELLED, 0, beyond[i]), QUELL_INVALID,
                   QUELL_NVME_INVALID_FIELD, QUELL_NVME_NOT_ABORTED, 0);
        CHECK_EQ(quell_scsi_abort_task_response(none, 5, 1).verdict, QUELL_INVALID);
        CHECK_EQ(quell_scsi_abort_task_response(none, 5, 1).code, QUELL_SAS_INVALID_FRAME);
        CHECK_EQ(quell_scsi_abort_task_response(QUELL_CANCELLED, 0, beyond[i]).verdict,
                 QUELL_INVALID);
        CHECK_EQ(quell_scsi_abort_task_response(QUELL_CANCELLED, 0, beyond[i]).code,
                 QUELL_SCSI_TARGET_FAILURE);
        CHECK_EQ(quell_scsi_abort_all_response(none, 5, 2).verdict, QUELL_INVALID);
        CHECK_EQ(quell_scsi_task_status(&seen, beyond[i]).verdict, QUELL_INVALID);
        CHECK_EQ(quell_aio_cancel_result(none, 5).verdict, QUELL_INVALID);
        CHECK_EQ(quell_aio_cancel_result(none, 5).error, QUELL_LINUX_EINVAL);
        CHECK_EQ(quell_errno_of(none, 5), QUELL_LINUX_EINVAL);
        CHECK_EQ(quell_uring_cancel_result(none, 5).result, -QUELL_LINUX_EINVAL);
        CHECK_EQ(quell_uring_cancel_counts(none, 5), 0);
        CHECK_EQ(quell_uring_sync_cancel_result(none, 5).verdict, QUELL_INVALID);
        CHECK_EQ(quell_uring_sync_cancel_result(none, 5).after_end, 0);
        CHECK_EQ(quell_uring_sync_cancel_end_result(none, &seen).verdict, QUELL_INVALID);
        CHECK_EQ(quell_stop_token_request_stop(none), 0);
    }
}

int main(void) {
    a_controller();
    bad_statuses();
    bad_numbers();
    return check_report("storage");
}
