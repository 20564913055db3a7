// quell.hpp: lifetimes, and that each method is the call that it names. Built
// with exceptions and RTTI and without.
#include <memory>
#include <system_error>
#include <utility>

#include "check.h"
#include "quell.hpp"

namespace {

using quell::verdict;

void worker_that_ends() {
    quell::operation op;
    CHECK(op.owner());
    CHECK(op.owner().refusal() == verdict::ok);
    CHECK(op.status().phase == quell::phase::pending);
    CHECK(!op.status().ended());
    {
        quell::worker worker = op.start();
        CHECK(worker);
        CHECK(worker.refusal() == verdict::ok);
        CHECK(worker.poll() == quell::level::none);
        CHECK(worker.commit() == verdict::ok);
        CHECK(op.status().phase == quell::phase::committed);
        CHECK(worker.finish() == verdict::ok);
        CHECK(worker.finish() == verdict::bad_state);
        CHECK(worker.fail(3) == verdict::bad_state);
        CHECK(worker.acknowledge(quell::effects::none) == verdict::bad_state);
    }
    // Its destructor left the outcome alone.
    CHECK(op.status().phase == quell::phase::finished);
    CHECK(op.status().ended());
    CHECK(op.status().code == 0);
}

void outcomes_as_errors() {
    quell::operation op;
    CHECK(!op.status().outcome());
    CHECK(op.status().outcome().error() == verdict::bad_state);
    quell::worker worker = op.start();
    CHECK(!op.status().outcome());
    CHECK(worker.finish() == verdict::ok);
    CHECK(op.status().outcome());
    CHECK(!op.status().outcome().error());

    CHECK(op.rearm() == verdict::ok);
    worker = op.start();
    CHECK(worker.fail(0x80070005u) == verdict::ok);
    CHECK(op.status().outcome().error() == verdict::failed);
    CHECK(op.status().outcome().code == 0x80070005u);

    CHECK(op.rearm() == verdict::ok);
    worker = op.start();
    CHECK(worker.acknowledge(quell::effects::partial) == verdict::ok);
    CHECK(op.status().outcome().error() == std::errc::operation_canceled);
    CHECK(op.status().outcome().effects == quell::effects::partial);
    CHECK(op.status().outcome().code == 0);
}

void worker_that_is_let_go() {
    quell::operation op;
    { quell::worker worker = op.start(); }
    CHECK(op.status().phase == quell::phase::failed);
    CHECK(op.status().code == QUELL_CODE_ABANDONED);
    CHECK(op.status().effects == quell::effects::unstated);

    quell::operation committed;
    {
        quell::worker worker = committed.start();
        CHECK(worker.commit() == verdict::ok);
    }
    CHECK(committed.status().phase == quell::phase::failed);

    // A promise to a requester is kept: cancelled, not failed.
    quell::operation requested;
    {
        quell::worker worker = requested.start();
        CHECK(requested.canceller().cancel().verdict == verdict::cancelling);
    }
    CHECK(requested.status().phase == quell::phase::cancelled);
    CHECK(requested.status().effects == quell::effects::unknown);
    CHECK(requested.status().code == QUELL_CODE_ABANDONED);
}

void worker_that_moves() {
    quell::operation op;
    quell::worker first = op.start();
    quell::worker second = std::move(first);
    CHECK(second);
    // A moved-from worker is no worker, and says so.
    CHECK(!first); // NOLINT(bugprone-use-after-move)
    CHECK(first.finish() == verdict::invalid);
    CHECK(op.status().phase == quell::phase::running);
    {
        quell::worker third;
        CHECK(!third);
        CHECK(third.refusal() == verdict::invalid);
        third = std::move(second);
        CHECK(third.poll() == quell::level::none);
    }
    CHECK(op.status().phase == quell::phase::failed);

    // What a worker held is let go when another moves in; not before.
    quell::operation one, other;
    quell::worker holder = one.start();
    holder = other.start();
    CHECK(one.status().phase == quell::phase::failed);
    CHECK(other.status().phase == quell::phase::running);
    quell::worker &same = holder;
    holder = std::move(same);
    CHECK(holder);
    CHECK(other.status().phase == quell::phase::running);
    CHECK(holder.finish() == verdict::ok);
}

// An ended worker may outlive the operation's memory: valgrind and the
// sanitizers watch its destructor.
void worker_that_outlives() {
    auto finished = std::make_unique<quell::operation>();
    quell::worker first = finished->start();
    CHECK(first.finish() == verdict::ok);
    finished.reset();

    auto acknowledged = std::make_unique<quell::operation>();
    quell::worker second = acknowledged->start();
    CHECK(second.acknowledge(quell::effects::none) == verdict::ok);
    acknowledged.reset();

    auto failed = std::make_unique<quell::operation>();
    quell::worker third = failed->start();
    CHECK(failed->canceller().cancel().verdict == verdict::cancelling);
    CHECK(third.fail(3) == verdict::cancelled);
    failed.reset();
}

void start_that_is_refused() {
    quell::operation op;
    CHECK(op.canceller().cancel().verdict == verdict::cancelled);
    quell::worker worker = op.start();
    CHECK(!worker);
    CHECK(worker.refusal() == verdict::cancelled);
    CHECK(op.status().effects == quell::effects::none);
    CHECK(op.poll() == quell::level::graceful);

    quell::operation twice;
    quell::worker first = twice.start();
    quell::worker second = twice.start();
    CHECK(!second);
    CHECK(second.refusal() == verdict::bad_state);
    CHECK(first.finish() == verdict::ok);
    CHECK(quell::worker::start(twice.canceller().raw()).refusal() == verdict::denied);
}

void requests() {
    quell::operation op;
    quell::worker worker = op.start();
    const quell::canceller canceller = op.canceller();
    CHECK(canceller.cancel(quell::level::graceful, quell::cause::deadline).verdict ==
          verdict::cancelling);
    CHECK(worker.poll() == quell::level::graceful);
    CHECK(op.poll() == quell::level::graceful);
    CHECK(canceller.cancel().verdict == verdict::already_cancelling);
    CHECK(canceller.cancel(quell::level::emergency, quell::cause::shutdown).verdict ==
          verdict::raised);
    quell::status seen{};
    CHECK(worker.observe().look(seen) == verdict::ok);
    CHECK(seen.level == quell::level::emergency);
    CHECK(seen.cause == quell::cause::shutdown);
    CHECK(quell::canceller(worker.observe().raw()).cancel().verdict == verdict::denied);
    CHECK(worker.finish() == verdict::cancelling);
    CHECK(worker.acknowledge(quell::effects::partial) == verdict::ok);
    CHECK(op.status().effects == quell::effects::partial);
    CHECK(canceller.cancel().verdict == verdict::already_cancelled);
    CHECK(canceller.cancel(quell::level::none).verdict == verdict::invalid);
}

void answers_with_a_code() {
    quell::operation op;
    quell::worker worker = op.start();
    CHECK(worker.fail(0x80070005) == verdict::ok);
    const quell::answer told = op.canceller().cancel();
    CHECK(told.verdict == verdict::failed);
    CHECK(told.code == 0x80070005);

    quell::operation modes(quell::mode::uncancellable);
    CHECK(modes.canceller().cancel().verdict == verdict::unsupported);
    CHECK(modes.status().mode == quell::mode::uncancellable);
    CHECK(modes.owner().force(7) == verdict::ok);
    CHECK(modes.status().code == 7);
    CHECK(modes.status().effects == quell::effects::unknown);
}

void shields() {
    quell::operation op;
    quell::worker worker = op.start();
    {
        quell::shield outer(worker);
        CHECK(outer);
        CHECK(op.canceller().cancel().verdict == verdict::cancelling);
        CHECK(worker.poll() == quell::level::none);
        {
            quell::shield inner(worker);
            CHECK(op.status().shields == 2);
        }
        CHECK(op.status().shields == 1);
        CHECK(worker.poll() == quell::level::none);
        // Commit is not fooled by a shield.
        CHECK(worker.commit() == verdict::cancelling);
        CHECK(outer.lower() == quell::level::graceful);
        CHECK(!outer);
        CHECK(outer.lower() == quell::level::none);
    }
    CHECK(op.status().shields == 0);
    CHECK(worker.poll() == quell::level::graceful);
    CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
    CHECK(!quell::shield(worker));

    // Seven deep; an eighth is not up, and takes none of the others down.
    quell::operation deep;
    quell::worker diver = deep.start();
    {
        quell::shield a(diver), b(diver), c(diver), d(diver), e(diver), f(diver), g(diver);
        CHECK(g);
        {
            quell::shield eighth(diver);
            CHECK(!eighth);
        }
        CHECK(deep.status().shields == 7);
        CHECK(g.lower() == quell::level::none);
        CHECK(deep.status().shields == 6);
    }
    CHECK(deep.status().shields == 0);
    CHECK(diver.finish() == verdict::ok);
}

void gates() {
    quell::operation op(quell::mode::gated);
    quell::worker worker = op.start();
    unsigned asked = 0;
    std::uint32_t refusal = 0x80042306;
    quell::level last_level = quell::level::none;
    quell::cause last_cause = quell::cause::none;
    quell::gate gate([&](quell::level l, quell::cause c) {
        ++asked;
        last_level = l;
        last_cause = c;
        return refusal;
    });
    CHECK(op.canceller().cancel().verdict == verdict::denied);
    CHECK_EQ(asked, 0);

    const quell::canceller canceller = op.canceller().with(gate);
    const quell::answer told =
        canceller.cancel(quell::level::immediate, quell::cause::application_7);
    CHECK(told.verdict == verdict::refused);
    CHECK(told.code == 0x80042306);
    CHECK(last_level == quell::level::immediate);
    CHECK(last_cause == quell::cause::application_7);
    CHECK_EQ(asked, 1);
    CHECK(worker.poll() == quell::level::none);

    refusal = 0;
    CHECK(canceller.cancel().verdict == verdict::cancelling);
    CHECK_EQ(asked, 2);
    // Not higher: nothing to ask about.
    CHECK(canceller.cancel().verdict == verdict::already_cancelling);
    CHECK_EQ(asked, 2);
    refusal = 5;
    CHECK(canceller.cancel(quell::level::emergency).verdict == verdict::refused);
    CHECK(op.status().level == quell::level::graceful);
    CHECK_EQ(asked, 3);
    CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
}

// An op that lies elsewhere: opened by a requester, taken over by an owner.
void ops_elsewhere() {
    quell_op_t slot = QUELL_OP_INIT;
    CHECK(quell::canceller::of(slot).cancel().verdict == verdict::bad_state);
    quell::owner owner = quell::owner::arm(slot, quell::mode::best_effort);
    CHECK(owner);
    quell::owner second = quell::owner::arm(slot);
    CHECK(!second);
    CHECK(second.refusal() == verdict::bad_state);
    quell::worker worker = owner.start();
    CHECK(quell::canceller::of(slot).cancel().verdict == verdict::requested);
    CHECK(owner.retire() == verdict::bad_state);

    // Its owner died, its worker too.
    const quell::owner heir = quell::owner::adopt(slot);
    CHECK(heir);
    CHECK(heir.force(QUELL_CODE_ABANDONED) == verdict::ok);
    CHECK(worker.poll() == quell::level::immediate);
    CHECK(heir.retire() == verdict::ok);
    CHECK(owner.retire() == verdict::stale);
    CHECK(worker.finish() == verdict::stale);
    quell::status seen{};
    CHECK(owner.look(seen) == verdict::stale);
    CHECK(seen.generation == 0);
}

void lives() {
    quell::operation op;
    const quell::canceller old = op.canceller();
    CHECK(op.rearm() == verdict::bad_state);
    quell::worker first = op.start();
    CHECK(first.finish() == verdict::ok);
    CHECK(op.rearm(quell::mode::best_effort) == verdict::ok);
    CHECK(op.status().generation == 1);
    CHECK(op.status().mode == quell::mode::best_effort);
    CHECK(old.cancel().verdict == verdict::stale);
    quell::worker second = op.start();
    // The first life's worker lets go without touching the second's.
    first = quell::worker();
    CHECK(op.status().phase == quell::phase::running);
    CHECK(op.canceller().cancel().verdict == verdict::requested);
    CHECK(second.finish() == verdict::ok);
}

void handles_of_nothing() {
    quell::status seen{};
    CHECK(quell::observer().look(seen) == verdict::invalid);
    CHECK(quell::canceller().cancel().verdict == verdict::invalid);
    CHECK(!quell::owner());
    CHECK(quell::owner().retire() == verdict::invalid);
    CHECK(quell::owner().start().refusal() == verdict::invalid);
    CHECK(quell::worker().commit() == verdict::invalid);
    quell::worker none;
    CHECK(!quell::shield(none));
    CHECK(none.observe().look(seen) == verdict::invalid);
}

void errors() {
    const std::error_code fine = verdict::ok;
    CHECK(!fine);
    CHECK(std::error_code(verdict::cancelling).value() == 2);
    CHECK_TEXT(std::error_code(verdict::too_late).message().c_str(), "TOO_LATE");
    CHECK_TEXT(quell::category().name(), "quell");

    const auto is = [](verdict v, std::errc e) { return std::error_code(v) == e; };
    CHECK(is(verdict::cancelled, std::errc::operation_canceled));
    CHECK(is(verdict::already_cancelled, std::errc::operation_canceled));
    CHECK(is(verdict::cancelling, std::errc::operation_in_progress));
    CHECK(is(verdict::requested, std::errc::operation_in_progress));
    CHECK(is(verdict::raised, std::errc::operation_in_progress));
    CHECK(is(verdict::already_cancelling, std::errc::operation_in_progress));
    CHECK(is(verdict::already_requested, std::errc::operation_in_progress));
    CHECK(is(verdict::unsupported, std::errc::operation_not_supported));
    CHECK(is(verdict::denied, std::errc::operation_not_permitted));
    CHECK(is(verdict::invalid, std::errc::invalid_argument));
    CHECK(is(verdict::full, std::errc::no_buffer_space));
    for (verdict v : {verdict::finished, verdict::failed, verdict::too_late, verdict::refused,
                      verdict::bad_state, verdict::stale}) {
        CHECK(std::error_code(v));
        CHECK(!is(v, std::errc::operation_canceled));
        CHECK(!is(v, std::errc::operation_in_progress));
    }
}

void names() {
    CHECK_TEXT(quell::name(verdict::already_requested), "ALREADY_REQUESTED");
    CHECK_TEXT(quell::name(quell::level::emergency), "EMERGENCY");
    CHECK_TEXT(quell::name(quell::cause::self), "SELF");
    CHECK_TEXT(quell::name(quell::phase::committed), "COMMITTED");
    CHECK_TEXT(quell::name(quell::effects::unknown), "UNKNOWN");
    CHECK_TEXT(quell::name(static_cast<verdict>(99)), "?");
}

} // namespace

int main() {
    worker_that_ends();
    outcomes_as_errors();
    worker_that_is_let_go();
    worker_that_moves();
    worker_that_outlives();
    start_that_is_refused();
    requests();
    answers_with_a_code();
    shields();
    gates();
    ops_elsewhere();
    lives();
    handles_of_nothing();
    errors();
    names();
    return check_report("lifecycle");
}
