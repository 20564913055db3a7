// For tests and demonstrations: makes a moment last that is else too short to
// hit. QBACKUP_PAUSE_AT=POINT:MILLISECONDS, with start, before-commit, commit
// or acknowledge for POINT.
#ifndef QBACKUP_PAUSE_HPP
#define QBACKUP_PAUSE_HPP

#include <functional>
#include <string>

namespace qbackup {

/// Sleeps if this is the point, or until `enough` says so.
void pause_at(
    const std::string &point, const std::function<bool()> &enough = [] { return false; });

} // namespace qbackup

#endif
