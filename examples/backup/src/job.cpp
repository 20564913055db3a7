#include "job.hpp"

#include <cerrno>
#include <iostream>

#include "clock.hpp"
#include "exit_code.hpp"
#include "failure.hpp"
#include "report.hpp"

namespace qbackup {

namespace {

/// One's own reading matters more than being listed.
void say_why_not_listed(const failure &trouble) {
    if (trouble.code() != EACCES && trouble.code() != EROFS && trouble.code() != EPERM)
        std::cerr << "qbackup: not listed among the jobs: " << trouble.what() << std::endl;
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

job::job(const std::string &running_path, job_kind what) {
    quell::tenant tenant;
    try {
        there_.emplace(running::take(running_path, what));
        say_what_was_cleared(*there_);
        tenant = there_->enter(what);
    } catch (const failure &trouble) {
        say_why_not_listed(trouble);
    }
    if (tenant) {
        page_ = &there_->beside(tenant.slot());
        operation_ = tenant;
        signals_.emplace(tenant.canceller(), *page_);
        worker_ = tenant.start();
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
