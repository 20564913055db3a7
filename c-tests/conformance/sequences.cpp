// Every step of conformance/sequences.csv by the classes of quell.hpp: the same
// replay as sequences.c, on quell::session and quell::vss.
//
//   sequences [FILE]
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

#include "quell_dialects.hpp"

#define CONFORMANCE_NO_DIALECTS
#define CONFORMANCE_NO_VERDICTS
#define CONFORMANCE_NO_ABORTS
#define CONFORMANCE_NO_COM_SEQUENCES
#include "conformance_dialects.h"
#include "marks.h"
#include "world.h"

namespace {

using step_t = conformance_step;

bool row_differs = false;

template <class E> constexpr std::uint32_t number(E value) {
    return static_cast<std::uint32_t>(value);
}

void expect(const step_t &step, const char *what, std::uint32_t expected, std::uint32_t seen) {
    if (expected != seen) {
        std::printf("%s: %s: expected 0x%lx, but saw 0x%lx\n", step.id, what,
                    static_cast<unsigned long>(expected), static_cast<unsigned long>(seen));
        row_differs = true;
    }
}

struct told {
    std::uint32_t verdict = CONFORMANCE_NOBODY_SAYS;
    std::uint32_t hresult = 0;
    std::array<std::uint32_t, 3> out{};
};

told of(quell::verdict said) { return {number(said)}; }
told of(const quell::reply &said) { return {number(said.verdict), said.hresult}; }
const told held{CONFORMANCE_HELD};

/// What a session runs in: the script.
struct host {
    world_t *world;

    std::uint32_t tell(std::uint32_t writer, quell::notice n) {
        return world_tell(world, writer, static_cast<quell_notice_t>(n));
    }
    std::uint32_t now() { return world_now(world); }
};

/// A session, its host, and its operation once begun.
struct party {
    explicit party(world_t &world) : host_{&world}, session(host_, world.lock) {}

    quell_source_t &marked() { return source ? source->raw() : nothing; }

    host host_;
    quell::session<host, WRITERS> session;
    std::uint32_t link = 0;
    std::optional<quell::source> source;
    quell::worker worker;
    quell_source_t nothing = QUELL_SOURCE_INIT;
};

told begin(party &p, quell::mode m) {
    p.source.emplace(m);
    p.worker = p.source->start();
    const auto [said, place] = p.session.link(p.source->canceller());
    p.link = place;
    return of(said);
}

told abort_backup(party &p) {
    quell_aborted_t done{};
    told t = of(quell::vss::abort(p.session, &done));
    t.out = {done.told, done.owed, done.refused};
    return t;
}

told writer(const party &p, std::uint32_t place) {
    // All-zero, which is a writer as well, where there is none.
    if (place >= WRITERS || p.session.status().purpose == QUELL_PURPOSE_BACKUP_ALONE)
        return of(quell::verdict::not_found);
    const quell_participant_t seen = p.session.participant(place);
    const quell_vss_writer_t said = quell_vss_writer(&seen);
    return {number(said.verdict), said.failure, {said.state}};
}

told look(const party &p) {
    const quell_session_status_t seen = p.session.status();
    return {QUELL_OK, 0, {number(seen.set), number(seen.cause), number(seen.completion)}};
}

told async_status(const party &p) {
    std::uint32_t placed = 0;
    told t = of(quell::vss::query_status(p.source->observer(), &placed));
    t.out[0] = placed;
    return t;
}

told linked(party &p) {
    quell::answer answer{};
    const quell::verdict found = p.session.unlink(p.link, &answer);
    told t = of(found == quell::verdict::ran ? quell::verdict::ok : found);
    t.out[0] = number(answer.verdict);
    return t;
}

told request(party &p, const step_t &step) {
    auto &s = p.session;
    switch (step.call) {
    case CONFORMANCE_STEP_INITIALISE:
        return of(quell::vss::verb(s.initialise(quell::purpose{step.argument})));
    case CONFORMANCE_STEP_START_SET:
        return of(quell::vss::verb(s.start_set()));
    case CONFORMANCE_STEP_PREPARE:
        return of(quell::vss::verb(s.prepare()));
    case CONFORMANCE_STEP_PREPARE_SNAPSHOT:
        return of(quell::vss::verb(s.prepare_snapshot()));
    case CONFORMANCE_STEP_FREEZE:
        return of(quell::vss::verb(s.freeze()));
    case CONFORMANCE_STEP_HOLD:
        return of(quell::vss::verb(s.hold()));
    case CONFORMANCE_STEP_THAW:
        return of(quell::vss::verb(s.thaw()));
    case CONFORMANCE_STEP_POST_SNAPSHOT:
        return of(quell::vss::verb(s.post_snapshot()));
    case CONFORMANCE_STEP_COMPLETE:
        return of(quell::vss::verb(s.complete()));
    case CONFORMANCE_STEP_ABORT:
        return abort_backup(p);
    case CONFORMANCE_STEP_RELEASE:
        return of(s.release());
    case CONFORMANCE_STEP_SNAPSHOT:
        return of(quell::vss::snapshot(s.status()));
    case CONFORMANCE_STEP_WRITER:
        return writer(p, step.argument);
    case CONFORMANCE_STEP_LOOK:
        return look(p);
    case CONFORMANCE_STEP_ASYNC_CANCEL:
        return of(quell::vss::cancel(p.source->canceller()));
    case CONFORMANCE_STEP_ASYNC_WAIT:
        return of(quell::vss::wait(p.source->observer(), step.argument));
    case CONFORMANCE_STEP_ASYNC_STATUS:
        return async_status(p);
    case CONFORMANCE_STEP_LINKED:
        return linked(p);
    default:
        std::exit(1);
    }
}

told work(party &p, const step_t &step) {
    expect(step, "that an operation has begun", true, p.source.has_value());
    switch (step.call) {
    case CONFORMANCE_STEP_POLL:
        return {QUELL_OK, 0, {number(p.worker.poll())}};
    case CONFORMANCE_STEP_COMMIT:
        return of(p.worker.commit());
    case CONFORMANCE_STEP_FINISH:
        return of(p.worker.finish());
    case CONFORMANCE_STEP_FAIL:
        return of(p.worker.fail(step.argument));
    default:
        return of(p.worker.acknowledge(quell::effects{step.argument}));
    }
}

/// One call of one thread of a requester.
struct call {
    std::thread thread;
    const step_t *step = nullptr;
    told result;
    int done = 0;

    bool underway() const { return thread.joinable(); }
    bool waits_for_an_end() const {
        return step->call == CONFORMANCE_STEP_ASYNC_WAIT ||
               step->call == CONFORMANCE_STEP_ASYNC_CANCEL;
    }
    bool returned() const { return __atomic_load_n(&done, __ATOMIC_ACQUIRE) != 0; }
    told join() {
        thread.join();
        return result;
    }
};

/// One sequence at work.
class stage {
  public:
    stage() {
        world_make(&world_);
        for (auto &p : parties_)
            p.emplace(world_);
    }
    stage(const stage &) = delete;
    stage &operator=(const stage &) = delete;
    /// Ends whatever is left, also of a sequence whose course was left.
    ~stage() {
        (void)world_let_go(&world_);
        for (auto &p : parties_)
            if (p->source)
                (void)p->source->owner().force(QUELL_CODE_ABANDONED);
        for (auto &c : calls_)
            if (c.underway())
                (void)c.join();
        for (auto &p : parties_)
            p.reset();
        world_end(&world_);
    }

    void take(const step_t &step) {
        party &p = *parties_[step.session];
        const told t = step.who == CONFORMANCE_REQUESTER ? ask(p, step)
                       : step.who == CONFORMANCE_WORKER  ? work(p, step)
                                                         : others(step);
        expect(step, "verdict", step.verdict, t.verdict);
        if (step.returns_hresult != 0)
            expect(step, "HRESULT", step.hresult, t.hresult);
        for (std::size_t n = 0; n < 3 && step.out_kind != CONFORMANCE_OUT_NOTHING; n++)
            expect(step, "what comes with it", step.out[n], t.out[n]);
        std::uint8_t notices[NOTICES];
        const std::uint32_t count = world_told(&world_, notices);
        expect(step, "how many notices", step.told_count, count);
        for (std::uint32_t n = 0; n < count && n < step.told_count; n++)
            expect(step, "a notice (writer, what)", step.told[n], notices[n]);
        expect(step, "stage", step.stage, number(p.session.status().stage));
        expect(step, "lock", step.locked, world_locked(&world_));
    }

  private:
    told ask(party &p, const step_t &step) {
        call &c = calls_[step.session * 2u + step.index];
        if (step.call == CONFORMANCE_STEP_RETURNS) {
            expect(step, "that a call is held", true, c.underway());
            return c.underway() ? c.join() : held;
        }
        expect(step, "that this thread's last call has returned", false, c.underway());
        if (c.underway())
            return held;
        // The thread's memory of it is the source, which has to be in place.
        if (step.call == CONFORMANCE_STEP_ASYNC_BEGIN)
            return begin(p, quell::mode{step.argument});
        const marks_t before = marks_of(&p.marked());
        c = {};
        c.step = &step;
        c.thread = std::thread([&p, &c, &step] {
            c.result = request(p, step);
            __atomic_store_n(&c.done, 1, __ATOMIC_RELEASE);
        });
        if (step.verdict == CONFORMANCE_HELD && is_held(p, c, before))
            return held;
        return c.join();
    }

    /// Until the call has returned, or cannot go on.
    bool is_held(party &p, const call &c, const marks_t &before) {
        for (;;) {
            const marks_t now = marks_of(&p.marked());
            if (c.returned())
                return false;
            if (world_held(&world_) != 0 || marks_differ(&before, &now) != 0)
                return true;
            std::this_thread::yield();
        }
    }

    told others(const step_t &step) {
        auto &first = parties_[0]->session;
        switch (step.call) {
        case CONFORMANCE_STEP_REFUSES:
            world_line(&world_, step.index, step.argument, step.with, 0);
            return {};
        case CONFORMANCE_STEP_TAKES:
            world_line(&world_, step.index, step.argument, 0, step.with);
            return {};
        case CONFORMANCE_STEP_AGREES:
            world_agrees(&world_, step.index, step.argument);
            return {};
        case CONFORMANCE_STEP_HOLDS:
            world_holds(&world_, step.index, step.argument);
            return {};
        case CONFORMANCE_STEP_LETS_GO:
            expect(step, "that a writer was held", true, world_let_go(&world_) != 0);
            for (const call &c : calls_)
                while (c.underway() && !c.waits_for_an_end() && !c.returned())
                    std::this_thread::yield();
            return {};
        case CONFORMANCE_STEP_PASS:
            world_pass(&world_, step.argument);
            return {};
        case CONFORMANCE_STEP_EXPIRE:
            return of(first.expire(world_clock(&world_)));
        default:
            return of(first.provider_failed(step.argument));
        }
    }

    world_t world_{};
    std::array<std::optional<party>, SIDES> parties_;
    std::array<call, 4> calls_;
};

} // namespace

int main(int count, char **arguments) {
    std::unique_ptr<stage> now;
    bool left = false;
    says_begin("cpp-sequences", count, arguments);
    for (const step_t &step : conformance_steps) {
        says_limit();
        if (step.first != 0) {
            now = nullptr;
            now = std::make_unique<stage>();
            left = false;
        }
        // After the first step that differs, the rest does too.
        row_differs = left;
        if (!left)
            now->take(step);
        left = row_differs;
        says_row(step.id, !row_differs);
    }
    now = nullptr;
    return says_end(CONFORMANCE_STEPS);
}
