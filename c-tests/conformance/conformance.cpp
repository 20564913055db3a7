// Every row of conformance/op*.csv through the C++ API: the same replay as
// conformance.c, by the classes of quell.hpp.
//
// Where a class cannot make a row's call, the row goes to the C function with
// what the class shows as raw(): an owner's call without the owner's right, a
// worker's call where nobody became a worker, and unshield where no shield is
// up. A quell::shield says whether it is up and not why not; the C function
// says why, on the same worker, where the shield did not come up.
#include <array>
#include <cstdio>
#include <optional>

#include "quell.hpp"

#include "conformance_table.h"
#include "polls.h"
#include "says.h"

namespace {

bool row_differs = false;

template <class E> constexpr std::uint32_t number(E value) {
    return static_cast<std::uint32_t>(value);
}

void expect(const conformance_row &row, const char *what, std::uint32_t expected,
            std::uint32_t seen) {
    if (expected != seen) {
        std::printf("%s: %s: expected 0x%lx, but saw 0x%lx\n", row.id, what,
                    static_cast<unsigned long>(expected), static_cast<unsigned long>(seen));
        row_differs = true;
    }
}

void expect(const conformance_row &row, const char *what, quell::verdict seen) {
    expect(row, what, QUELL_OK, number(seen));
}

struct told {
    std::uint32_t verdict = CONFORMANCE_NOTHING;
    std::uint32_t answer = 0;
};

/// One life of the op: its owner, and its worker if it was started.
struct life {
    quell::owner owner;
    quell::worker worker;
    std::array<std::optional<quell::shield>, 8> shields;
    std::size_t up = 0;

    bool raise_shield() {
        shields[up].emplace(worker);
        return static_cast<bool>(*shields[up++]);
    }
    quell::level lower_shield() { return shields[--up]->lower(); }
};

void expect_state(const conformance_row &row, quell_op_t &op, const conformance_state &expected,
                  std::uint32_t generation) {
    quell::status seen{};
    expect(row, "status", quell::canceller::of(op).look(seen));
    expect(row, "mode", expected.mode, number(seen.mode));
    expect(row, "phase", expected.phase, number(seen.phase));
    expect(row, "level", expected.level, number(seen.level));
    expect(row, "cause", expected.cause, number(seen.cause));
    expect(row, "shields", expected.shields, seen.shields);
    expect(row, "effects", expected.effects, number(seen.effects));
    expect(row, "code", expected.code, seen.code);
    expect(row, "generation", generation, seen.generation);
    expect(row, "ended", expected.phase >= QUELL_PHASE_FINISHED, seen.ended());
}

void request(const conformance_state &to, const quell::owner &owner) {
    bool unasked = to.phase == QUELL_PHASE_CANCELLED && to.level == QUELL_LEVEL_GRACEFUL &&
                   to.cause == QUELL_CAUSE_SELF;
    if (to.level == QUELL_LEVEL_NONE || unasked)
        return;
    quell::gate open([](quell::level, quell::cause) { return 0u; });
    (void)owner.canceller().with(open).cancel(quell::level{to.level}, quell::cause{to.cause});
}

void reach(const conformance_row &row, quell_op_t &op, life &now) {
    const conformance_state &to = row.before;
    if (to.phase == QUELL_PHASE_VACANT) {
        now.owner = quell::owner::adopt(op);
        return;
    }
    now.owner = quell::owner::arm(op, quell::mode{to.mode});
    expect(row, "arm", now.owner.refusal());
    if (to.phase == QUELL_PHASE_PENDING)
        return;
    now.worker = now.owner.start();
    expect(row, "start", now.worker.refusal());
    request(to, now.owner);
    for (std::uint32_t up = 0; up < to.shields; up++)
        expect(row, "shield", true, now.raise_shield());
    switch (to.phase) {
    case QUELL_PHASE_COMMITTED:
        (void)now.worker.commit();
        break;
    case QUELL_PHASE_FINISHED:
        (void)now.worker.finish();
        break;
    case QUELL_PHASE_FAILED:
        if (to.effects == QUELL_EFFECTS_UNKNOWN)
            (void)now.owner.force(to.code);
        else
            (void)now.worker.fail(to.code);
        break;
    case QUELL_PHASE_CANCELLED:
        if (to.code != 0)
            (void)now.worker.fail(to.code);
        else
            (void)now.worker.acknowledge(quell::effects{to.effects});
        break;
    default:
        break;
    }
}

/// One whole life, with a code, so that the next has something to forget.
void live(const conformance_row &row, quell_op_t &op, life &past) {
    past.owner = quell::owner::arm(op);
    past.worker = past.owner.start();
    expect(row, "start", past.worker.refusal());
    expect(row, "force", past.owner.force(0xDEAD));
    expect(row, "retire", past.owner.retire());
}

told cancel(const conformance_row &row, const quell_handle_t &held, std::uint32_t &asked) {
    quell::gate gate([&](quell::level l, quell::cause c) {
        asked++;
        expect(row, "level shown to the gate", row.argument, number(l));
        expect(row, "cause shown to the gate", row.cause, number(c));
        return row.gate;
    });
    quell::canceller canceller(held);
    if (row.gated != CONFORMANCE_NOTHING)
        canceller = canceller.with(gate);
    auto answer = canceller.cancel(quell::level{row.argument}, quell::cause{row.cause});
    return {number(answer.verdict), answer.code};
}

told call(const conformance_row &row, quell_op_t &op, life &held, std::uint32_t &asked) {
    quell_handle_t narrow{};
    (void)quell_handle_narrow(&held.owner.raw(), row.rights, &narrow);
    bool owns = (row.rights & QUELL_RIGHT_OWN) != 0;
    switch (row.call) {
    case CONFORMANCE_ARM: {
        auto armed = quell::owner::arm(op, quell::mode{row.argument});
        expect(row, "an owner", armed.refusal() == quell::verdict::ok,
               static_cast<bool>(armed));
        return {number(armed.refusal())};
    }
    case CONFORMANCE_START: {
        auto started = quell::worker::start(narrow);
        quell::verdict refusal = started.refusal();
        expect(row, "a worker", refusal == quell::verdict::ok, static_cast<bool>(started));
        if (started)
            held.worker = std::move(started);
        return {number(refusal)};
    }
    case CONFORMANCE_CANCEL:
        return cancel(row, narrow, asked);
    case CONFORMANCE_POLL:
        return {CONFORMANCE_NOTHING, quell_op_poll(&op)};
    case CONFORMANCE_WORKER_POLL:
        return {CONFORMANCE_NOTHING, number(held.worker.poll())};
    case CONFORMANCE_STATUS: {
        quell::status seen{};
        auto verdict = quell::observer(narrow).look(seen);
        return {number(verdict)};
    }
    case CONFORMANCE_SHIELD:
        if (held.raise_shield())
            return {QUELL_OK};
        return {quell_op_shield(&held.worker.raw())};
    case CONFORMANCE_UNSHIELD: {
        if (held.up > 0)
            return {QUELL_OK, number(held.lower_shield())};
        quell_level_t visible = QUELL_LEVEL_EMERGENCY;
        auto verdict = quell_op_unshield(&held.worker.raw(), &visible);
        return {verdict, visible};
    }
    case CONFORMANCE_COMMIT:
        return {number(held.worker.commit())};
    case CONFORMANCE_FINISH:
        return {number(held.worker.finish())};
    case CONFORMANCE_FAIL:
        return {number(held.worker.fail(row.argument))};
    case CONFORMANCE_ACKNOWLEDGE:
        return {number(held.worker.acknowledge(quell::effects{row.argument}))};
    case CONFORMANCE_FORCE:
        return {owns ? number(held.owner.force(row.argument))
                     : number(quell_op_force(&narrow, row.argument))};
    case CONFORMANCE_RETIRE:
        return {owns ? number(held.owner.retire()) : number(quell_op_retire(&narrow))};
    default:
        expect(row, "a call of this number", 0, 1);
        return {};
    }
}

void replay(const conformance_row &row) {
    quell_op_t op = QUELL_OP_INIT;
    life past;
    life now;
    for (std::uint32_t n = 0; n < row.life; n++) {
        // Destroyed one by one; only the one that the row speaks of stays.
        life passing;
        life &lived = row.life - n == row.age ? past : passing;
        live(row, op, lived);
    }
    reach(row, op, now);
    expect_state(row, op, row.before, row.life & 0x7FFF);
    // Where one is started, it would be abandoned for the one that is.
    if (!now.worker && row.call != CONFORMANCE_START)
        now.worker.raw() = {&op, op.word};

    life &held = row.age == 0 ? now : past;
    std::uint32_t asked = 0;
    told t = call(row, op, held, asked);
    expect(row, "verdict", row.verdict, t.verdict);
    expect(row, "answer", row.answer, t.answer);
    expect(row, "times the gate was asked", row.asked, asked);
    expect_state(row, op, row.after, row.generation);
    expect(row, "poll, inlined", row.poll, quell_op_poll(&op));
    expect(row, "poll, symbol", row.poll, symbol_op_poll(&op));
    if (row.worker != CONFORMANCE_NOTHING) {
        expect(row, "worker's poll, inlined", row.worker, number(held.worker.poll()));
        expect(row, "worker's poll, symbol", row.worker,
               symbol_worker_poll(&held.worker.raw()));
    }
}

} // namespace

int main(int count, char **arguments) {
    says_begin("cpp-op", count, arguments);
    for (const conformance_row &row : conformance_rows) {
        row_differs = false;
        says_limit();
        replay(row);
        says_row(row.id, !row_differs);
    }
    return says_end(CONFORMANCE_ROWS);
}
