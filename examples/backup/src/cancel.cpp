#include <chrono>
#include <iostream>
#include <thread>

#include <quell.hpp>

#include "commands.hpp"
#include "exit_code.hpp"
#include "failure.hpp"
#include "report.hpp"
#include "repository.hpp"
#include "running.hpp"

namespace qbackup {

namespace {

int exit_code_of(quell::verdict told) {
    switch (told) {
    case quell::verdict::cancelled:
    case quell::verdict::cancelling:
    case quell::verdict::raised:
    case quell::verdict::already_cancelling:
    case quell::verdict::already_cancelled:
        return exit_code::done;
    case quell::verdict::too_late:
    case quell::verdict::finished:
    case quell::verdict::failed:
        return exit_code::too_late;
    case quell::verdict::bad_state:
    case quell::verdict::stale:
        return exit_code::not_now;
    default:
        return exit_code::error;
    }
}

/// Waits for the end. Nothing where there will be none: its process died, or
/// another create took the slot already.
std::optional<quell::status> wait_for_end(const quell::canceller &operation,
                                          const running &seen_there) {
    quell::status seen{};
    constexpr int looks_between = 50;
    for (int count = 1;; ++count) {
        // Looked at before the operation: it may end and leave in between.
        bool held = count % looks_between != 0 || seen_there.held();
        if (operation.look(seen) != quell::verdict::ok)
            return std::nullopt;
        if (seen.ended())
            return seen;
        if (!held)
            return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

} // namespace

int cancel(const cancel_options &options) {
    repository home = repository::open(options.repository);
    std::optional<running> there = running::look(home.running_path(), true);
    if (!there || !there->held())
        throw not_now("no create is running in this repository");
    slot &page = there->page();
    quell::canceller operation = quell::canceller::of(page.op);

    std::uint64_t now = monotonic_now();
    bool first = page.note_request(now);
    quell::answer answer =
        operation.cancel(options.immediate ? quell::level::immediate : quell::level::graceful,
                         quell::cause::user);
    // It was no request of this operation: its time is not to stand either.
    if (first && exit_code_of(answer.verdict) == exit_code::not_now)
        (void)page.asked_at.compare_exchange_strong(now, 0, std::memory_order_relaxed);
    std::cout << "verdict: " << quell::name(answer.verdict) << std::endl;
    int code = exit_code_of(answer.verdict);
    if (code == exit_code::not_now)
        throw not_now("no create is running in this repository yet, or no more");
    if (!options.wait)
        return code;

    std::optional<quell::status> end = wait_for_end(operation, *there);
    if (!end)
        throw failure(EOWNERDEAD, "the create died before it ended its operation");
    std::cout << outcome_line(*end) << '\n';
    if (end->phase == quell::phase::cancelled)
        std::cout << latency_line(now, page) << '\n';
    std::cout << std::flush;
    return code;
}

} // namespace qbackup
