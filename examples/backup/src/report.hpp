// What create and cancel say of the operation: the same words in both.
#ifndef QBACKUP_REPORT_HPP
#define QBACKUP_REPORT_HPP

#include <string>

#include <quell.hpp>

#include "running.hpp"

namespace qbackup {

/// As "CANCELLED  level=GRACEFUL cause=USER  effects=PARTIAL".
std::string outcome_line(const quell::status &seen);
/// As "request to end: 3.2 ms", from a time of monotonic_now().
std::string latency_line(std::uint64_t asked_at, const page &of);

} // namespace qbackup

#endif
