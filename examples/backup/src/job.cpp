#include "job.hpp"

#include <cerrno>
#include <iostream>

#include "clock.hpp"
#include "exit_code.hpp"
#include "failure.hpp"
#include "report.hpp"

namespace qbackup {

namespace {

/// Nothing where this process may not write there.
std::optional<running> take_if_writable(const std::string &path, job_kind what) {
    try {
        return running::take(path, what);
    } catch (const failure &trouble) {
        if (trouble.code() == EACCES || trouble.code() == EROFS || trouble.code() == EPERM)
            return std::nullopt;
        throw;
    }
}

} // namespace

void say_what_was_cleared(const running &there) {
    for (const remains &dead : there.clear()) {
        std::cout << "recovered: job " << dead.id << ", the " << name(dead.what)
                  << " of process " << dead.pid << ", died while " << quell::name(dead.phase);
        if (dead.level != quell::level::none)
            std::cout << ", asked to stop (" << quell::name(dead.level) << ")";
        std::cout << "; its operation was forced: FAILED, effects UNKNOWN" << std::endl;
    }
}

job::job(const std::string &running_path, job_kind what)
    : there_(take_if_writable(running_path, what)) {
    if (there_) {
        say_what_was_cleared(*there_);
        quell::seat seat = there_->enter(what);
        page_ = &there_->beside(seat.slot());
        operation_ = seat;
        signals_.emplace(seat.canceller(), *page_);
        worker_ = seat.start();
    } else {
        own_page_ = std::make_unique<page>();
        own_page_->begin(what);
        page_ = own_page_.get();
        operation_ = own_.observer();
        signals_.emplace(own_.canceller(), *page_);
        worker_ = own_.start();
    }
}

int job::end(int done_code, quell::effects left) {
    page_->ended_at.store(monotonic_now(), std::memory_order_relaxed);
    // No worker: cancelled before it started.
    if (worker_ && worker_.finish() == quell::verdict::ok)
        return done_code;
    if (worker_ && worker_.acknowledge(left) != quell::verdict::ok)
        throw failure(EPROTO, "the operation was ended by somebody else");
    quell::status seen{};
    (void)operation_.look(seen);
    std::cout << outcome_line(seen) << std::endl;
    return exit_code::of_cancelled(seen.cause);
}

} // namespace qbackup
