/*
 * The aio dialect beside the real one: the same stories told by glibc's
 * aio_cancel, aio_error and aio_return and by an operation of quell. And the
 * numbers, against the system's headers.
 *
 * Only stories whose course is certain: the first request runs at once, on a
 * thread that then waits in its read; a second one for the same file waits
 * behind it.
 */
#define _POSIX_C_SOURCE 200809L

#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "check.h"
#include "quell.h"

#if QUELL_LINUX_EPERM != EPERM || QUELL_LINUX_ENOENT != ENOENT ||                              \
    QUELL_LINUX_EINTR != EINTR || QUELL_LINUX_EIO != EIO || QUELL_LINUX_EAGAIN != EAGAIN ||    \
    QUELL_LINUX_EACCES != EACCES || QUELL_LINUX_EBUSY != EBUSY ||                              \
    QUELL_LINUX_EINVAL != EINVAL || QUELL_LINUX_ENOSPC != ENOSPC ||                            \
    QUELL_LINUX_ETIME != ETIME || QUELL_LINUX_ENOTSUP != ENOTSUP ||                            \
    QUELL_LINUX_ETIMEDOUT != ETIMEDOUT || QUELL_LINUX_EALREADY != EALREADY ||                  \
    QUELL_LINUX_EINPROGRESS != EINPROGRESS || QUELL_LINUX_ESTALE != ESTALE ||                  \
    QUELL_LINUX_ECANCELED != ECANCELED
#error "quell's error numbers are not the system's"
#endif

/* A division by zero where they differ. */
enum {
    same_canceled = 1 / (QUELL_AIO_CANCELED == AIO_CANCELED),
    same_notcanceled = 1 / (QUELL_AIO_NOTCANCELED == AIO_NOTCANCELED),
    same_alldone = 1 / (QUELL_AIO_ALLDONE == AIO_ALLDONE)
};

/* One read of a file, and the operation that stands for it. */
typedef struct {
    struct aiocb request;
    char buffer[64];
    quell_op_t op;
    quell_handle_t owner;
    quell_worker_t worker;
} pair_t;

static void submit(pair_t *pair, int file, uint32_t mode) {
    memset(pair, 0, sizeof *pair);
    pair->request.aio_fildes = file;
    pair->request.aio_buf = pair->buffer;
    pair->request.aio_nbytes = sizeof pair->buffer;
    pair->request.aio_sigevent.sigev_notify = SIGEV_NONE;
    CHECK_EQ(aio_read(&pair->request), 0);
    CHECK_EQ(quell_op_arm(&pair->op, mode, &pair->owner), QUELL_OK);
}

static quell_status_t status_of(const pair_t *pair) {
    quell_status_t seen;
    CHECK_EQ(quell_op_status(&pair->owner, &seen), QUELL_OK);
    return seen;
}

/* Both are cancelled, and say the same. */
static void both_cancel(pair_t *pair, quell_verdict_t verdict, int expected) {
    uint32_t code = 0;
    const quell_verdict_t told =
        quell_cancel(&pair->owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, &code);
    const quell_result_t said = quell_aio_cancel_result(told, code);
    CHECK_EQ(told, verdict);
    CHECK_EQ(said.verdict, verdict);
    CHECK_EQ(said.after_end, 0);
    CHECK_EQ(aio_cancel(pair->request.aio_fildes, &pair->request), expected);
    CHECK_EQ(said.result, expected);
}

/* Both are asked how they stand, and say the same. */
static void both_stand(const pair_t *pair, int expected) {
    const quell_status_t seen = status_of(pair);
    const quell_result_t said = quell_aio_error_result(&seen);
    CHECK_EQ(aio_error(&pair->request), expected);
    CHECK_EQ(said.verdict, QUELL_OK);
    CHECK_EQ(said.result, expected);
    CHECK_EQ(said.error, 0);
}

/* Both are asked what they return, once, and say the same. */
static void both_return(pair_t *pair, int64_t finished_with, int64_t expected) {
    const quell_status_t seen = status_of(pair);
    CHECK_EQ(quell_aio_return_value(&seen, finished_with), expected);
    CHECK_EQ(aio_return(&pair->request), expected);
}

static void wait_for(const pair_t *pair) {
    const struct aiocb *all[1];
    all[0] = &pair->request;
    while (aio_error(&pair->request) == EINPROGRESS)
        CHECK(aio_suspend(all, 1, NULL) == 0 || errno == EINTR);
}

static void in_progress_then_queued(void) {
    int ends[2];
    pair_t running, queued;
    CHECK_EQ(pipe(ends), 0);
    submit(&running, ends[0], QUELL_MODE_BEST_EFFORT);
    CHECK_EQ(quell_op_start(&running.owner, &running.worker), QUELL_OK);
    both_stand(&running, EINPROGRESS);
    both_cancel(&running, QUELL_REQUESTED, AIO_NOTCANCELED);
    both_cancel(&running, QUELL_ALREADY_REQUESTED, AIO_NOTCANCELED);
    both_stand(&running, EINPROGRESS);

    submit(&queued, ends[0], QUELL_MODE_DECISIVE);
    both_stand(&queued, EINPROGRESS);
    both_cancel(&queued, QUELL_CANCELLED, AIO_CANCELED);
    both_stand(&queued, ECANCELED);
    both_cancel(&queued, QUELL_ALREADY_CANCELLED, AIO_ALLDONE);
    both_return(&queued, 64, -1);

    CHECK_EQ(write(ends[1], "quell", 5), 5);
    wait_for(&running);
    CHECK_EQ(quell_op_finish(&running.worker), QUELL_OK);
    both_stand(&running, 0);
    both_cancel(&running, QUELL_FINISHED, AIO_ALLDONE);
    both_return(&running, 5, 5);
    CHECK_EQ(close(ends[0]), 0);
    CHECK_EQ(close(ends[1]), 0);
}

/* The operation's own error: the writing end cannot be read. */
static void failed(void) {
    int ends[2];
    pair_t pair;
    CHECK_EQ(pipe(ends), 0);
    submit(&pair, ends[1], QUELL_MODE_DECISIVE);
    CHECK_EQ(quell_op_start(&pair.owner, &pair.worker), QUELL_OK);
    wait_for(&pair);
    CHECK_EQ(quell_op_fail(&pair.worker, EBADF), QUELL_OK);
    both_stand(&pair, EBADF);
    both_cancel(&pair, QUELL_FAILED, AIO_ALLDONE);
    both_return(&pair, 64, -1);
    CHECK_EQ(close(ends[0]), 0);
    CHECK_EQ(close(ends[1]), 0);
}

/* A request that does not go with its file: EINVAL here and there. */
static void invalid(void) {
    int ends[2];
    pair_t pair;
    quell_result_t said;
    CHECK_EQ(pipe(ends), 0);
    submit(&pair, ends[0], QUELL_MODE_DECISIVE);
    errno = 0;
    CHECK_EQ(aio_cancel(ends[1], &pair.request), -1);
    said = quell_aio_cancel_result(
        quell_cancel(NULL, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, NULL), 0);
    CHECK_EQ(said.result, -1);
    CHECK_EQ(said.error, errno);
    CHECK_EQ(said.error, EINVAL);
    CHECK_EQ(close(ends[1]), 0);
    wait_for(&pair);
    CHECK_EQ(aio_return(&pair.request), 0);
    CHECK_EQ(close(ends[0]), 0);
}

/* What will end as cancelled waits, and then says how it ended. */
static void waits_for_the_end(void) {
    pair_t pair;
    quell_status_t seen;
    quell_result_t said;
    memset(&pair, 0, sizeof pair);
    CHECK_EQ(quell_op_arm(&pair.op, QUELL_MODE_DECISIVE, &pair.owner), QUELL_OK);
    CHECK_EQ(quell_op_start(&pair.owner, &pair.worker), QUELL_OK);
    said = quell_aio_cancel_result(
        quell_cancel(&pair.owner, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, NULL), 0);
    CHECK_EQ(said.verdict, QUELL_CANCELLING);
    CHECK_EQ(said.after_end, 1);
    CHECK_EQ(said.result, AIO_NOTCANCELED);
    seen = status_of(&pair);
    CHECK_EQ(quell_aio_cancel_end_result(&seen).result, AIO_NOTCANCELED);
    CHECK_EQ(quell_op_acknowledge(&pair.worker, QUELL_EFFECTS_NONE), QUELL_OK);
    seen = status_of(&pair);
    said = quell_aio_cancel_end_result(&seen);
    CHECK_EQ(said.verdict, QUELL_OK);
    CHECK_EQ(said.result, AIO_CANCELED);
    CHECK_EQ(quell_aio_error_result(&seen).result, ECANCELED);
}

int main(void) {
    in_progress_then_queued();
    failed();
    invalid();
    waits_for_the_end();
    return check_report("aio");
}
