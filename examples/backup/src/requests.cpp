#include "requests.hpp"

#include <signal.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>

#include "clock.hpp"
#include "failure.hpp"

namespace qbackup {

namespace {

// Everything that the handler touches: static, and lock-free where two
// threads may be in it at once. The first two are written while no handler is
// in place.
quell::canceller target;
page *target_page = nullptr;
std::atomic<unsigned> interrupts;
std::atomic<unsigned> count;
/// Level, cause and verdict in a byte each, and 1 above them.
std::array<std::atomic<std::uint32_t>, 16> log;

constexpr std::array<int, 4> signals{SIGINT, SIGTERM, SIGHUP, SIGALRM};

void on_signal(int number) {
    int saved = errno;
    quell::level level = quell::level::immediate;
    quell::cause cause = quell::cause::shutdown;
    if (number == SIGINT) {
        bool first = interrupts.fetch_add(1, std::memory_order_relaxed) == 0;
        level = first ? quell::level::graceful : quell::level::immediate;
        cause = quell::cause::user;
    } else if (number == SIGALRM) {
        level = quell::level::graceful;
        cause = quell::cause::deadline;
    }
    (void)target_page->note_request(monotonic_now());
    quell::verdict told = target.cancel(level, cause).verdict;
    unsigned at = count.fetch_add(1, std::memory_order_relaxed);
    if (at < log.size())
        log[at].store(1u << 24 | static_cast<std::uint32_t>(level) << 16 |
                          static_cast<std::uint32_t>(cause) << 8 |
                          static_cast<std::uint32_t>(told),
                      std::memory_order_release);
    errno = saved;
}

} // namespace

listener::listener(const quell::canceller &operation, page &beside) {
    target = operation;
    target_page = &beside;
    interrupts.store(0, std::memory_order_relaxed);
    count.store(0, std::memory_order_relaxed);
    for (auto &line : log)
        line.store(0, std::memory_order_relaxed);
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    ::sigfillset(&action.sa_mask);
    for (int number : signals) {
        struct sigaction earlier {};
        ::sigaction(number, nullptr, &earlier);
        // Under nohup the terminal's end is not to be heard.
        if (number != SIGHUP || earlier.sa_handler != SIG_IGN)
            ::sigaction(number, &action, nullptr);
    }
}

listener::~listener() {
    itimerval never{};
    ::setitimer(ITIMER_REAL, &never, nullptr);
    // What was said stands: the exit code must not be a signal's now.
    for (int number : signals)
        ::signal(number, SIG_IGN);
}

void listener::set_deadline(double seconds) {
    // A timer of zero would be none at all.
    constexpr double shortest = 1e-6, longest = 1e9;
    double whole = 0;
    double rest = std::modf(std::clamp(seconds, shortest, longest), &whole);
    itimerval once{};
    once.it_value.tv_sec = static_cast<time_t>(whole);
    once.it_value.tv_usec = static_cast<suseconds_t>(rest * 1e6);
    if (once.it_value.tv_sec == 0 && once.it_value.tv_usec == 0)
        once.it_value.tv_usec = 1;
    if (::setitimer(ITIMER_REAL, &once, nullptr) != 0)
        throw_errno("cannot set the deadline");
}

std::vector<request> listener::made() const {
    std::vector<request> requests;
    for (const auto &line : log) {
        std::uint32_t packed = line.load(std::memory_order_acquire);
        if (packed != 0)
            requests.push_back({static_cast<quell::level>(packed >> 16 & 0xff),
                                static_cast<quell::cause>(packed >> 8 & 0xff),
                                static_cast<quell::verdict>(packed & 0xff)});
    }
    return requests;
}

} // namespace qbackup
