// From the generated table.
#include "backup_rows.h"

#define CONFORMANCE_NO_DIALECTS
#define CONFORMANCE_NO_VERDICTS
#define CONFORMANCE_NO_SEQUENCES
#include "conformance_dialects.h"

namespace {

abort_state state_of(unsigned raw) {
    switch (raw) {
    case QUELL_STAGE_VACANT:
        return abort_state::vacant;
    case QUELL_STAGE_INITIALISED:
        return abort_state::initialised;
    case QUELL_STAGE_SET_STARTED:
        return abort_state::set_started;
    case QUELL_STAGE_PREPARING:
        return abort_state::preparing;
    case QUELL_STAGE_PREPARED:
        return abort_state::prepared;
    case QUELL_STAGE_PREPARING_SNAPSHOT:
        return abort_state::preparing_snapshot;
    case QUELL_STAGE_FREEZING:
        return abort_state::freezing;
    case QUELL_STAGE_HOLDING:
        return abort_state::holding;
    case QUELL_STAGE_THAWING:
        return abort_state::thawing;
    case QUELL_STAGE_POST_SNAPSHOT:
        return abort_state::post_snapshot;
    case QUELL_STAGE_CREATED:
        return abort_state::created;
    case QUELL_STAGE_COMPLETING:
        return abort_state::completing;
    case QUELL_STAGE_COMPLETED:
        return abort_state::completed;
    case QUELL_STAGE_SNAPSHOT_FAILED:
        return abort_state::snapshot_failed;
    case CONFORMANCE_PREPARE_FAILED:
        return abort_state::prepare_failed;
    case CONFORMANCE_VETOED:
        return abort_state::vetoed;
    case CONFORMANCE_TIMED_OUT:
        return abort_state::timed_out;
    case CONFORMANCE_HOLD_DROPPED:
        return abort_state::hold_dropped;
    case CONFORMANCE_PROVIDER_FAILED:
        return abort_state::provider_failed;
    case CONFORMANCE_ABORTED:
        return abort_state::aborted;
    default:
        return abort_state::passing;
    }
}

} // namespace

std::vector<abort_row> abort_rows() {
    std::vector<abort_row> rows;
    for (const conformance_abort_row &from : conformance_abort_rows) {
        abort_row row{from.id,
                      from.profile,
                      from.verdict,
                      from.returns,
                      from.goes_on,
                      from.snapshot,
                      from.told,
                      from.owed,
                      abort_purpose::backup,
                      state_of(from.state),
                      from.locked != 0,
                      {}};
        if (from.purpose == QUELL_PURPOSE_BACKUP_ALONE)
            row.purpose = abort_purpose::alone;
        if (from.purpose == QUELL_PURPOSE_RESTORE)
            row.purpose = abort_purpose::restore;
        if (from.has_writers != 0)
            row.writers.assign(from.writers, from.writers + 3);
        rows.push_back(row);
    }
    return rows;
}
