// The C++ faces of progress, deadlines and sessions.
#include "check.h"
#include "quell.hpp"

namespace {

using quell::verdict;

void progress_and_a_cancel_from_inside() {
    quell::operation op;
    quell::worker worker = op.start();
    quell::progress progress;
    std::uint64_t last = 0;
    verdict told = verdict::ok;
    quell::reporter reporter(
        progress,
        [&](quell::reading now, quell::canceller canceller) {
            last = now.done;
            if (now.percent() >= 50u)
                told = canceller.cancel(quell::level::immediate).verdict;
        },
        10, op.canceller());
    CHECK_EQ(progress.read().percent(), QUELL_SHARE_UNKNOWN);
    CHECK(reporter.total(std::uint64_t{1} << 33) == verdict::ok);
    CHECK(reporter.total(5) == verdict::invalid);
    std::uint64_t done = 0;
    while (worker.poll() == quell::level::none) {
        done += std::uint64_t{1} << 30;
        CHECK(reporter.report(done) == verdict::ok);
    }
    CHECK_EQ(done, std::uint64_t{1} << 32);
    CHECK_EQ(last, done);
    CHECK(told == verdict::cancelling);
    CHECK_EQ(progress.read().permille(), 500);
    CHECK(reporter.report(1) == verdict::invalid);
    CHECK(worker.acknowledge(quell::effects::partial) == verdict::ok);
    progress.reset();
    CHECK_EQ(progress.read().done, 0);
}

void deadlines_in_order() {
    quell::operation soon;
    quell::operation late;
    quell::worker first = soon.start();
    quell::worker second = late.start();
    quell::deadlines<2> queue(32);
    CHECK(queue.next().first == verdict::not_found);
    const auto of_late = queue.add(0xFFFFFFF0u, 32, late.canceller());
    const auto of_soon = queue.add(0xFFFFFFF0u, 16, soon.canceller(), quell::level::emergency);
    CHECK(of_late.first == verdict::ok && of_soon.first == verdict::ok);
    CHECK(queue.add(0, 1, soon.canceller()).first == verdict::full);
    CHECK(queue.add(0, 0x80000000u, soon.canceller()).first == verdict::invalid);
    CHECK(queue.add(0, 1, quell::canceller()).first == verdict::invalid);
    CHECK_EQ(queue.next().second, 0);
    std::uint32_t name = 0;
    CHECK_EQ(queue.expire(5,
                          [&](std::uint32_t id, quell::answer answer) {
                              name = id;
                              CHECK(answer.verdict == verdict::cancelling);
                          }),
             1);
    CHECK_EQ(name, of_soon.second);
    CHECK(first.poll() == quell::level::emergency);
    CHECK(queue.disarm(of_soon.second) == verdict::not_found);
    CHECK(queue.disarm(of_late.second) == verdict::ok);
    CHECK_EQ(queue.expire(100), 0);
    CHECK(second.poll() == quell::level::none);
    CHECK_EQ(queue.size(), 0);
}

struct host {
    std::uint32_t told[2][QUELL_NOTICE_SHUTDOWN + 1] = {};
    std::uint32_t ticks = 0;
    quell::notice refused = quell::notice::none;

    std::uint32_t tell(std::uint32_t participant, quell::notice notice) {
        ++told[participant][static_cast<std::uint32_t>(notice)];
        return notice == refused ? 0xE1u : 0u;
    }
    std::uint32_t now() { return ticks; }
    std::uint32_t times(quell::notice notice) const {
        const auto place = static_cast<std::uint32_t>(notice);
        return told[0][place] + told[1][place];
    }
};

using session = quell::session<host, 2>;

void up_to_the_freeze(session &backup) {
    CHECK(backup.initialise() == verdict::ok);
    CHECK(backup.start_set() == verdict::ok);
    CHECK(backup.prepare() == verdict::ok);
    CHECK(backup.prepare_snapshot() == verdict::ok);
}

void a_backup() {
    quell_session_lock_t lock{};
    host writers;
    {
        session backup(writers, lock);
        up_to_the_freeze(backup);
        CHECK(backup.freeze() == verdict::ok);
        CHECK(backup.hold() == verdict::ok);
        CHECK(backup.thaw() == verdict::ok);
        CHECK(backup.post_snapshot() == verdict::ok);
        CHECK(backup.complete() == verdict::ok);
        CHECK_EQ(backup.status().stage, QUELL_STAGE_COMPLETED);
        CHECK(backup.abort() == verdict::ignored);
    }
    CHECK_EQ(writers.times(quell::notice::complete), 2);
    CHECK_EQ(writers.times(quell::notice::abort), 0);
    CHECK_EQ(writers.times(quell::notice::shutdown), 2);
}

void an_abort() {
    quell_session_lock_t lock{};
    host writers;
    quell::operation op;
    quell::worker worker = op.start();
    session backup(writers, lock);
    CHECK(backup.abort() == verdict::bad_state);
    up_to_the_freeze(backup);
    CHECK(backup.freeze() == verdict::ok);
    const auto linked = backup.link(op.canceller());
    CHECK(linked.first == verdict::ok);
    CHECK(backup.link(op.canceller()).first == verdict::full);
    quell_aborted_t told;
    CHECK(backup.abort(quell::level::immediate, quell::cause::user, &told) ==
          verdict::cancelled);
    CHECK_EQ(told.told, 2);
    CHECK(worker.poll() == quell::level::immediate);
    quell::answer answer{verdict::ok, 0};
    CHECK(backup.unlink(linked.second, &answer) == verdict::ran);
    CHECK(answer.verdict == verdict::cancelling);
    CHECK(backup.thaw() == verdict::bad_state);
    CHECK_EQ(backup.participant(1).abort_told, 1);
    CHECK_EQ(backup.participant(2).abort_told, 0);
    CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
}

void a_veto_and_a_time_out() {
    quell_session_lock_t lock{};
    host writers;
    writers.refused = quell::notice::freeze;
    session vetoed(writers, lock);
    up_to_the_freeze(vetoed);
    CHECK(vetoed.freeze() == verdict::cancelled);
    CHECK_EQ(vetoed.participant(0).code, 0xE1);
    CHECK_EQ(writers.times(quell::notice::abort), 2);

    host slow;
    session late(slow, lock, 100);
    up_to_the_freeze(late);
    CHECK(late.freeze() == verdict::ok);
    CHECK(late.expire(100) == verdict::ok);
    CHECK(late.expire(101) == verdict::timed_out);
    CHECK_EQ(late.participant(0).timed_out, 1);
    CHECK_EQ(slow.times(quell::notice::abort), 2);
}

// Destroyed while its participants are frozen: an abort follows.
void left_alone() {
    quell_session_lock_t lock{};
    host writers;
    {
        session backup(writers, lock);
        up_to_the_freeze(backup);
        CHECK(backup.freeze() == verdict::ok);
        session other(writers, lock);
        CHECK(other.initialise() == verdict::ok);
        CHECK(other.start_set() == verdict::busy);
    }
    CHECK_EQ(writers.times(quell::notice::abort), 2);
    CHECK_EQ(lock.word >> 31, 0);
}

} // namespace

int main() {
    progress_and_a_cancel_from_inside();
    deadlines_in_order();
    a_backup();
    an_abort();
    a_veto_and_a_time_out();
    left_alone();
    return check_report("session.cpp");
}
