// The rows of conformance/dialect-abort.csv, for a translation unit that knows
// nothing of quell.
#ifndef BACKUP_ROWS_H
#define BACKUP_ROWS_H

#include <cstdint>
#include <vector>

enum class abort_purpose { backup, alone, restore };

enum class abort_state {
    vacant,
    initialised,
    set_started,
    preparing,
    prepared,
    preparing_snapshot,
    freezing,
    holding,
    thawing,
    post_snapshot,
    created,
    completing,
    completed,
    prepare_failed,
    vetoed,
    timed_out,
    hold_dropped,
    provider_failed,
    snapshot_failed,
    aborted,
    /// Between two things that DoSnapshotSet's worker does: no call of a requester
    /// can be known to come there.
    passing,
};

struct abort_row {
    const char *id;
    std::uint32_t profile, verdict, returns, goes_on;
    /// Zero where it has not begun.
    std::uint32_t snapshot;
    /// One bit for each writer.
    unsigned told, owed;
    abort_purpose purpose;
    abort_state state;
    bool locked;
    /// No number where the backup tells no writers.
    std::vector<unsigned> writers;
};

std::vector<abort_row> abort_rows();

#endif
