/*
 * Every row of the dialects beyond Windows through the C API: NVMe, SCSI, aio,
 * io_uring, stop_token. C and C++ alike.
 *
 * Zero only where every row was replayed, every question was asked, and no answer
 * differs.
 *
 *   mappings [FILE]
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "conformance_mappings.h"
#include "says.h"

#if defined(__cplusplus)
#define FRONT "cpp-mappings"
#else
#define FRONT "c-mappings"
#endif

/* What a mapping said, whichever it was. */
typedef struct {
    int64_t returns;
    uint32_t with, after_end;
    uint32_t verdict;
} said_t;

static said_t of_number(int64_t number) {
    said_t said = {number, 0, 0, QUELL_OK};
    return said;
}

static said_t of_reply(quell_reply_t reply) {
    said_t said = {0, 0, 0, QUELL_OK};
    said.returns = reply.code;
    said.after_end = reply.after_end;
    said.verdict = reply.verdict;
    return said;
}

static said_t of_result(quell_result_t result) {
    said_t said = {0, 0, 0, QUELL_OK};
    said.returns = result.result;
    said.with = (uint32_t)result.error;
    said.after_end = result.after_end;
    said.verdict = result.verdict;
    return said;
}

static said_t of_abort(quell_nvme_abort_t abort) {
    said_t said = {0, 0, 0, QUELL_OK};
    said.returns = abort.status;
    said.with = abort.dword0;
    said.after_end = abort.after_end;
    said.verdict = abort.verdict;
    return said;
}

static said_t of_task(quell_scsi_task_t task) {
    said_t said = {0, 0, 0, QUELL_OK};
    said.returns = task.status;
    said.with = task.sense;
    said.after_end = task.after_end;
    said.verdict = task.verdict;
    return said;
}

static quell_status_t seen_in(const conformance_mapping *row) {
    quell_status_t seen = {QUELL_PHASE_VACANT,
                           QUELL_LEVEL_NONE,
                           QUELL_CAUSE_NONE,
                           QUELL_EFFECTS_UNSTATED,
                           0,
                           0,
                           QUELL_MODE_DECISIVE,
                           7};
    seen.phase = (quell_phase_t)row->phase;
    seen.level = (quell_level_t)row->level;
    seen.cause = (quell_cause_t)row->cause;
    seen.effects = (quell_effects_t)row->effects;
    seen.code = row->code;
    return seen;
}

/* The verdict beside the answer is the one that was asked with, of a question
 * about a status QUELL_OK: `verdict` is 0 there. */
static said_t ask(const conformance_mapping *row) {
    const quell_verdict_t told = (quell_verdict_t)row->verdict;
    const uint32_t code = row->code, profile = row->profile;
    const quell_status_t seen = seen_in(row);
    said_t said;
    switch (row->question) {
    case CONFORMANCE_NVME_ABORT:
        return of_abort(quell_nvme_abort_completion(told, code, profile));
    case CONFORMANCE_NVME_ABORT_END:
        return of_abort(quell_nvme_abort_end_completion(&seen));
    case CONFORMANCE_NVME_COMMAND:
        return of_reply(quell_nvme_command_status(&seen));
    case CONFORMANCE_SCSI_ABORT_TASK:
        return of_reply(quell_scsi_abort_task_response(told, code, profile));
    case CONFORMANCE_SCSI_ABORT_TASK_END:
        return of_reply(quell_scsi_abort_task_end_response(&seen, profile));
    case CONFORMANCE_SCSI_ABORT_ALL:
        return of_reply(quell_scsi_abort_all_response(told, code, profile));
    case CONFORMANCE_SCSI_ABORT_ALL_END:
        return of_reply(quell_scsi_abort_all_end_response(&seen, profile));
    case CONFORMANCE_SCSI_QUERY_TASK:
        return of_reply(quell_scsi_query_task_response(&seen, profile));
    case CONFORMANCE_SCSI_TASK:
        return of_task(quell_scsi_task_status(&seen, profile));
    case CONFORMANCE_AIO_CANCEL:
        return of_result(quell_aio_cancel_result(told, code));
    case CONFORMANCE_AIO_CANCEL_END:
        return of_result(quell_aio_cancel_end_result(&seen));
    case CONFORMANCE_AIO_ERROR:
        return of_result(quell_aio_error_result(&seen));
    case CONFORMANCE_AIO_RETURN:
        return of_number(quell_aio_return_value(&seen, row->value));
    case CONFORMANCE_AIO_ERRNO:
        said = of_number(quell_errno_of(told, code));
        break;
    case CONFORMANCE_IO_URING_CANCEL:
        return of_result(quell_uring_cancel_result(told, code));
    case CONFORMANCE_IO_URING_COUNTS:
        said = of_number(quell_uring_cancel_counts(told, code));
        break;
    case CONFORMANCE_IO_URING_SYNC_CANCEL:
        return of_result(quell_uring_sync_cancel_result(told, code));
    case CONFORMANCE_IO_URING_SYNC_CANCEL_END:
        return of_result(quell_uring_sync_cancel_end_result(told, &seen));
    case CONFORMANCE_IO_URING_REQUEST:
        return of_result(quell_uring_request_result(&seen, (int32_t)row->value));
    case CONFORMANCE_STOP_TOKEN_REQUEST_STOP:
        said = of_number(quell_stop_token_request_stop(told));
        break;
    default:
        return of_number(INT64_MIN);
    }
    /* A plain number has no verdict beside it. */
    said.verdict = told;
    return said;
}

/* In halves: not every C library prints 64 bits. */
static void show(const char *what, int64_t returns, uint32_t with, uint32_t after_end,
                 uint32_t verdict) {
    printf("%s 0x%08lx%08lx, 0x%lx, %lu, verdict %lu", what,
           (unsigned long)((uint64_t)returns >> 32), (unsigned long)(uint32_t)returns,
           (unsigned long)with, (unsigned long)after_end, (unsigned long)verdict);
}

static int holds(const conformance_mapping *row) {
    const said_t said = ask(row);
    if (said.returns == row->returns && said.with == row->with &&
        said.after_end == row->after_end && said.verdict == row->verdict)
        return 1;
    printf("%s: ", row->id);
    show("expected", row->returns, row->with, row->after_end, row->verdict);
    show(", but it said", said.returns, said.with, said.after_end, said.verdict);
    printf("\n");
    return 0;
}

int main(int count, char **arguments) {
    uint8_t asked[CONFORMANCE_QUESTIONS] = {0};
    unsigned unasked = 0, question;
    uint32_t i;
    says_begin(FRONT, count, arguments);
    for (i = 0; i < CONFORMANCE_MAPPINGS; ++i) {
        const conformance_mapping *row = &conformance_mappings[i];
        says_limit();
        if (row->question < CONFORMANCE_QUESTIONS)
            asked[row->question] = 1;
        says_row(row->id, holds(row));
    }
    for (question = 0; question < CONFORMANCE_QUESTIONS; ++question) {
        if (asked[question] == 0) {
            printf("question %u is never asked\n", question);
            ++unasked;
        }
    }
    return says_end(CONFORMANCE_MAPPINGS) == 0 && unasked == 0 ? 0 : 1;
}
