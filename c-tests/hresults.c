/*
 * The dialects of Windows: bad input to every mapping, and what the tables of
 * conformance/ have no rows for. The same verdicts and states with good input
 * are rows there.
 */
#include "rejects.h"

#define MISALIGNED(type, object) ((type *)((uintptr_t)(&(object)) + 1u))

#define IS_INVALID(call)                                                                       \
    do {                                                                                       \
        const quell_reply_t told_ = (call);                                                    \
        CHECK_EQ(told_.verdict, QUELL_INVALID);                                                \
        CHECK_EQ(told_.code, 0x80070057u); /* winerror.h: E_INVALIDARG */                      \
        CHECK_EQ(told_.after_end, 0);                                                          \
    } while (0)

static const quell_verdict_t no_verdict = (quell_verdict_t)26;

/* Every mapping that reads a status, with one that is no status. */
static void rejected(const quell_status_t *seen) {
    const quell_gpm_report_t report = quell_gpm_report(seen, 1, 2);
    IS_INVALID(quell_vss_cancel_end_hresult(QUELL_REQUESTED, seen, 0));
    IS_INVALID(quell_vss_wait_hresult(QUELL_OK, seen, 0));
    IS_INVALID(quell_vss_status_hresult(seen, 0));
    IS_INVALID(quell_vds_cancel_end_hresult(QUELL_REQUESTED, seen, 0));
    IS_INVALID(quell_vds_wait_hresult(QUELL_OK, seen, 0));
    IS_INVALID(quell_vds_status_hresult(seen, QUELL_S_OK, 0));
    IS_INVALID(quell_wsb_status_hresult(seen, 0));
    CHECK_EQ(quell_vds_percent(seen, 1, 2, 0), 0);
    CHECK_EQ(report.verdict, QUELL_INVALID);
    CHECK_EQ(report.code, 0x80070057u);
    CHECK(report.numerator < report.denominator && report.denominator >= 1);
    CHECK_EQ(report.with_result, 0);
    CHECK_EQ(report.last, 1);
}

static quell_status_t finished(void) {
    quell_status_t seen;
    memset(&seen, 0, sizeof seen);
    seen.phase = QUELL_PHASE_FINISHED;
    return seen;
}

static void what_is_no_status(void) {
    quell_status_t seen = finished();
    rejected(NULL);
    rejected(MISALIGNED(quell_status_t, seen));
    seen.phase = (quell_phase_t)7;
    rejected(&seen);
    seen = finished();
    seen.level = (quell_level_t)4;
    rejected(&seen);
    seen = finished();
    seen.cause = (quell_cause_t)16;
    rejected(&seen);
    seen = finished();
    seen.effects = (quell_effects_t)4;
    rejected(&seen);
    seen = finished();
    seen.mode = 8;
    rejected(&seen);
    memset(&seen, 0xFF, sizeof seen);
    rejected(&seen);
}

static void what_is_no_verdict_and_no_profile(void) {
    const quell_status_t seen = finished();
    IS_INVALID(quell_vss_cancel_hresult(no_verdict, 0, 0));
    IS_INVALID(quell_vss_cancel_end_hresult(no_verdict, &seen, 0));
    IS_INVALID(quell_vss_wait_hresult(no_verdict, &seen, 0));
    IS_INVALID(quell_vss_abort_hresult(no_verdict, 0));
    IS_INVALID(quell_vss_verb_hresult(no_verdict, 0));
    IS_INVALID(quell_vds_cancel_hresult(no_verdict, 0, 0));
    IS_INVALID(quell_vds_cancel_end_hresult(no_verdict, &seen, 0));
    IS_INVALID(quell_vds_wait_hresult(no_verdict, &seen, 0));
    IS_INVALID(quell_wsb_abort_hresult(no_verdict, 0, 0));
    IS_INVALID(quell_gpm_cancel_hresult(no_verdict, 0));

    IS_INVALID(quell_vss_cancel_hresult(QUELL_CANCELLED, 0, 8));
    IS_INVALID(quell_vss_cancel_end_hresult(QUELL_REQUESTED, &seen, 8));
    IS_INVALID(quell_vss_wait_hresult(QUELL_OK, &seen, 8));
    IS_INVALID(quell_vss_status_hresult(&seen, 8));
    IS_INVALID(quell_vss_abort_hresult(QUELL_CANCELLED, 8));
    IS_INVALID(quell_vss_verb_hresult(QUELL_OK, 8));
    IS_INVALID(quell_vds_cancel_hresult(QUELL_CANCELLED, 0, 4));
    IS_INVALID(quell_vds_cancel_end_hresult(QUELL_REQUESTED, &seen, 4));
    IS_INVALID(quell_vds_wait_hresult(QUELL_OK, &seen, 4));
    IS_INVALID(quell_vds_status_hresult(&seen, QUELL_S_OK, 4));
    CHECK_EQ(quell_vds_percent(&seen, 1, 1, 4), 0);
    IS_INVALID(quell_wsb_abort_hresult(QUELL_CANCELLED, 0, 2));
    IS_INVALID(quell_wsb_status_hresult(&seen, 2));
}

static void limits(void) {
    uint64_t limit[2] = {1, 1};
    CHECK_EQ(quell_vss_wait_limit(0, 0, limit).verdict, QUELL_OK);
    CHECK_EQ(limit[0], 0);
    CHECK_EQ(quell_vss_wait_limit(1500, 0, limit).code, QUELL_S_OK);
    CHECK_EQ(limit[0], 1500000);
    CHECK_EQ(quell_vss_wait_limit(0xFFFFFFFEu, 0, limit).verdict, QUELL_OK);
    CHECK_EQ(limit[0], UINT64_C(4294967294000));
    CHECK_EQ(quell_vss_wait_limit(0xFFFFFFFFu, 0, limit).verdict, QUELL_OK);
    CHECK_EQ(limit[0], QUELL_FOREVER);
    IS_INVALID(quell_vss_wait_limit(1, QUELL_VSS_PROFILE_WINDOWS_SERVER_2003, limit));
    CHECK_EQ(limit[0], 0);
    CHECK_EQ(
        quell_vss_wait_limit(0xFFFFFFFFu, QUELL_VSS_PROFILE_WINDOWS_SERVER_2003, limit).verdict,
        QUELL_OK);
    CHECK_EQ(limit[0], QUELL_FOREVER);
    IS_INVALID(quell_vss_wait_limit(1, 8, limit));
    CHECK_EQ(limit[0], 0);
    IS_INVALID(quell_vss_wait_limit(1, 0, NULL));
    IS_INVALID(quell_vss_wait_limit(1, 0, MISALIGNED(uint64_t, limit[0])));
}

static void sessions(void) {
    quell_session_status_t session;
    quell_participant_t writer;
    quell_vss_writer_t seen;
    memset(&session, 0, sizeof session);
    CHECK_EQ(quell_vss_snapshot_hresult(&session, 0).after_end, 1);
    CHECK_EQ(quell_vss_snapshot_hresult(&session, 0).code, QUELL_VSS_S_ASYNC_PENDING);
    IS_INVALID(quell_vss_snapshot_hresult(NULL, 0));
    IS_INVALID(quell_vss_snapshot_hresult(MISALIGNED(quell_session_status_t, session), 0));
    IS_INVALID(quell_vss_snapshot_hresult(&session, 8));
    session.stage = (quell_stage_t)17;
    IS_INVALID(quell_vss_snapshot_hresult(&session, 0));
    memset(&session, 0, sizeof session);
    session.set = (quell_phase_t)7;
    IS_INVALID(quell_vss_snapshot_hresult(&session, 0));

    memset(&writer, 0, sizeof writer);
    seen = quell_vss_writer(&writer);
    CHECK_EQ(seen.verdict, QUELL_OK);
    CHECK_EQ(seen.state, 1); /* vswriter.h: VSS_WS_STABLE */
    CHECK_EQ(seen.failure, QUELL_S_OK);
    writer.standing = (quell_standing_t)6;
    seen = quell_vss_writer(&writer);
    CHECK_EQ(seen.verdict, QUELL_INVALID);
    CHECK_EQ(seen.state, 0); /* VSS_WS_UNKNOWN */
    CHECK_EQ(seen.failure, 0x80070057u);
    CHECK_EQ(quell_vss_writer(NULL).verdict, QUELL_INVALID);
    CHECK_EQ(quell_vss_writer(MISALIGNED(quell_participant_t, writer)).verdict, QUELL_INVALID);
}

static void failures_never_read_as_successes(void) {
    CHECK_EQ(quell_hresult_of_failure(0x80042301u, QUELL_E_ABORT), 0x80042301u);
    CHECK_EQ(quell_hresult_of_failure(5, QUELL_E_ABORT), 0x80070005u);
    CHECK_EQ(quell_hresult_of_failure(0xFFFF, QUELL_E_ABORT), 0x8007FFFFu);
    CHECK_EQ(quell_hresult_of_failure(0x10000, QUELL_E_ABORT), QUELL_E_ABORT);
    CHECK_EQ(quell_hresult_of_failure(QUELL_VSS_S_ASYNC_FINISHED, QUELL_E_ABORT),
             QUELL_E_ABORT);
    CHECK_EQ(quell_hresult_of_failure(QUELL_CODE_ABANDONED, QUELL_E_ABORT), QUELL_E_ABORT);
    CHECK_EQ(quell_hresult_of_failure(0, QUELL_E_ABORT), QUELL_E_ABORT);
    CHECK_EQ(quell_hresult_of_failure(0xFFFFFFFFu, QUELL_E_ABORT), 0xFFFFFFFFu);
}

static void progress_is_complete_only_at_the_end(void) {
    static const uint64_t counts[] = {0,
                                      1,
                                      99,
                                      100,
                                      0x7FFFFFFF,
                                      0x80000000u,
                                      0xFFFFFFFFu,
                                      UINT64_MAX / 100,
                                      UINT64_MAX - 1,
                                      UINT64_MAX};
    const size_t each = sizeof counts / sizeof *counts;
    size_t done, total;
    quell_status_t running = finished();
    const quell_status_t over = finished();
    running.phase = QUELL_PHASE_RUNNING;
    for (total = 0; total < each; total++) {
        for (done = 0; done < each; done++) {
            quell_gpm_report_t report = quell_gpm_report(&running, counts[done], counts[total]);
            CHECK(report.numerator >= 0 && report.numerator < report.denominator);
            CHECK_EQ(report.last, 0);
            CHECK(quell_vds_percent(&running, counts[done], counts[total], 0) <= 99);
            report = quell_gpm_report(&over, counts[done], counts[total]);
            CHECK(report.denominator >= 1);
            CHECK_EQ(report.numerator, report.denominator);
            CHECK_EQ(quell_vds_percent(&over, counts[done], counts[total], 0), 100);
        }
    }
    CHECK_EQ(quell_vds_percent(&running, 1, 2, 0), 50);
    CHECK_EQ(quell_vds_percent(&running, UINT64_MAX / 2 + 1, UINT64_MAX, 0), 50);
    CHECK_EQ(quell_gpm_report(&running, 1, 4).numerator, 1);
    CHECK_EQ(quell_gpm_report(&running, 1, 4).denominator, 4);
}

int main(void) {
    CHECK_EQ(sizeof(quell_reply_t), 12);
    CHECK_EQ(sizeof(quell_gpm_report_t), 24);
    CHECK_EQ(sizeof(quell_vss_writer_t), 12);
    what_is_no_status();
    what_is_no_verdict_and_no_profile();
    limits();
    sessions();
    failures_never_read_as_successes();
    progress_is_complete_only_at_the_end();
    CHECK_EQ(quell_wsb_is_in_progress(0x007A0004u), 1);
    CHECK_EQ(quell_wsb_is_in_progress(0x407A0004u), 1);
    CHECK_EQ(quell_wsb_is_in_progress(0x807A0004u), 0);
    CHECK_EQ(quell_wsb_is_in_progress(0), 0);
    return check_report("hresults");
}
