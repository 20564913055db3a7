#include "throttle.hpp"

#include <algorithm>
#include <thread>

namespace qbackup {

void throttle::pass(std::uint64_t bytes, const stop_sign &sign) {
    if (rate_ == 0)
        return;
    std::chrono::duration<double> cost(static_cast<double>(bytes) / static_cast<double>(rate_));
    clock::time_point mine;
    {
        std::lock_guard<std::mutex> guard(mutex_);
        next_ =
            std::max(next_, clock::now()) + std::chrono::duration_cast<clock::duration>(cost);
        mine = next_;
    }
    // Slices: a request must not wait for the limit.
    constexpr std::chrono::milliseconds slice(1);
    while (!sign.halt() && clock::now() < mine)
        std::this_thread::sleep_for(std::min<clock::duration>(slice, mine - clock::now()));
}

} // namespace qbackup
