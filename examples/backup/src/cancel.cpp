#include <chrono>
#include <iostream>
#include <thread>

#include <quell.hpp>

#include "clock.hpp"
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

/// Keeps a job's slot, so that how it ended is not overwritten by the next.
class reader {
  public:
    reader(const quell::table_view &table, const quell::observer &operation)
        : table_(table), operation_(operation),
          holds_(table.hold(operation) == quell::verdict::ok) {}
    reader(const reader &) = delete;
    reader &operator=(const reader &) = delete;
    ~reader() {
        if (holds_)
            (void)table_.release(operation_);
    }

  private:
    const quell::table_view table_;
    const quell::observer operation_;
    const bool holds_;
};

/// The job that is meant: by its number, or the create.
std::optional<quell::table_entry> find(const running &there, std::optional<std::uint32_t> job) {
    std::optional<quell::table_entry> meant;
    there.table().each([&](const quell::table_entry &found) {
        bool is_meant = job ? found.tag == *job
                            : there.beside(found.slot).what.load(std::memory_order_relaxed) ==
                                  job_kind::create;
        if (is_meant && there.lives(found.owner))
            meant = found;
    });
    return meant;
}

/// Waits for the end. Nothing where there will be none: its process died.
std::optional<quell::status> wait_for_end(const quell::canceller &operation,
                                          const running &there, std::uint32_t owner) {
    quell::status seen{};
    constexpr int looks_between = 50;
    for (int count = 1;; ++count) {
        // Looked at before the operation: it may end and leave in between.
        bool lives = count % looks_between != 0 || there.lives(owner);
        if (operation.look(seen) != quell::verdict::ok)
            return std::nullopt;
        if (seen.ended())
            return seen;
        if (!lives)
            return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

} // namespace

int cancel(const cancel_options &options) {
    repository home = repository::open(options.repository);
    std::string what = options.job ? "job " + std::to_string(*options.job) : "create";
    std::optional<running> there = running::look(home.running_path(), true);
    std::optional<quell::table_entry> found;
    if (there)
        found = find(*there, options.job);
    if (!found)
        throw not_now("no " + what + " is running in this repository");
    page &of = there->beside(found->slot);
    quell::canceller operation(found->operation.raw());
    reader keeps(there->table(), operation);

    std::uint64_t now = monotonic_now();
    bool first = of.note_request(now);
    quell::answer answer =
        operation.cancel(options.immediate ? quell::level::immediate : quell::level::graceful,
                         quell::cause::user);
    // It was no request of this operation: its time is not to stand either.
    if (first && exit_code_of(answer.verdict) == exit_code::not_now)
        (void)of.asked_at.compare_exchange_strong(now, 0, std::memory_order_relaxed);
    std::cout << "verdict: " << quell::name(answer.verdict) << std::endl;
    int code = exit_code_of(answer.verdict);
    if (code == exit_code::not_now)
        throw not_now("no " + what + " is running in this repository any more");
    if (!options.wait)
        return code;

    std::optional<quell::status> end = wait_for_end(operation, *there, found->owner);
    if (!end)
        throw failure(EOWNERDEAD, "the " + what + " died before it ended its operation");
    std::cout << outcome_line(*end) << '\n';
    if (end->phase == quell::phase::cancelled)
        std::cout << latency_line(now, of) << '\n';
    std::cout << std::flush;
    return code;
}

} // namespace qbackup
