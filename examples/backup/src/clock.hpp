// The time that all processes share and nobody sets.
#ifndef QBACKUP_CLOCK_HPP
#define QBACKUP_CLOCK_HPP

#include <cstdint>

namespace qbackup {

/// Nanoseconds. Async-signal-safe.
std::uint64_t monotonic_now() noexcept;

} // namespace qbackup

#endif
