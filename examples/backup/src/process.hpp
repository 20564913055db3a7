// Which process it is, so that a number which the system gave to another one
// meanwhile is not taken for it.
#ifndef QBACKUP_PROCESS_HPP
#define QBACKUP_PROCESS_HPP

#include <cstdint>

namespace qbackup {

struct process {
    std::uint32_t pid = 0;
    /// When it started, in the system's ticks since it booted.
    std::uint64_t started = 0;
    /// Which boot that was: the boot's own random number, folded.
    std::uint64_t boot = 0;

    static process self();
    bool alive() const;
};

/// Nanoseconds of the clock that all processes share and nobody sets.
std::uint64_t monotonic_now() noexcept;

} // namespace qbackup

#endif
