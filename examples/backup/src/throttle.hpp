// Holds the reading threads together to so many bytes a second.
#ifndef QBACKUP_THROTTLE_HPP
#define QBACKUP_THROTTLE_HPP

#include <chrono>
#include <cstdint>
#include <mutex>

#include "stop_sign.hpp"

namespace qbackup {

class throttle {
  public:
    /// Zero: no limit.
    explicit throttle(std::uint64_t bytes_per_second) : rate_(bytes_per_second) {}
    /// Waits until so many bytes may pass; a halt ends the wait.
    void pass(std::uint64_t bytes, const stop_sign &sign);

  private:
    using clock = std::chrono::steady_clock;

    const std::uint64_t rate_;
    std::mutex mutex_;
    clock::time_point next_ = clock::now();
};

} // namespace qbackup

#endif
