// Every row of conformance/dialect-vss.csv, -vds, -wsb and -gpm by the classes
// of quell_dialects.hpp: the same replay as dialects.c, by quell::vss, quell::vds,
// quell::wsb and quell::gpm, which wait for the end by themselves.
//
//   dialects [FILE]
#include <cstdio>
#include <optional>
#include <thread>

#include "quell_dialects.hpp"

#define CONFORMANCE_NO_VERDICTS
#define CONFORMANCE_NO_ABORTS
#define CONFORMANCE_NO_COM_SEQUENCES
#define CONFORMANCE_NO_SEQUENCES
#include "conformance_dialects.h"
#include "marks.h"
#include "says.h"

namespace {

using row_t = conformance_dialect_row;

bool row_differs = false;

template <class E> constexpr std::uint32_t number(E value) {
    return static_cast<std::uint32_t>(value);
}

void expect(const row_t &row, const char *what, std::uint32_t expected, std::uint32_t seen) {
    if (expected != seen) {
        std::printf("%s: %s: expected 0x%lx, but saw 0x%lx\n", row.id, what,
                    static_cast<unsigned long>(expected), static_cast<unsigned long>(seen));
        row_differs = true;
    }
}

void expect(const row_t &row, const char *what, quell::verdict seen) {
    expect(row, what, QUELL_OK, number(seen));
}

struct told {
    quell::reply reply{quell::verdict::invalid, 0};
    std::uint32_t out = 0;
    std::int32_t value = 0;
    quell_gpm_report_t report{};
};

/// The operation of a row; vacant where the row has none.
class bench {
  public:
    explicit bench(const row_t &row) : row_(row) {
        if (row.phase == QUELL_PHASE_VACANT)
            return;
        owner_ = quell::owner::arm(source_, quell::mode{row.mode});
        expect(row, "arm", owner_.refusal());
        if (row.phase != QUELL_PHASE_PENDING && row.by != CONFORMANCE_BY_REQUEST)
            start();
        if (row.level != QUELL_LEVEL_NONE && row.cause != QUELL_CAUSE_SELF) {
            quell::gate open([](quell::level, quell::cause) { return 0u; });
            (void)owner_.canceller().with(open).cancel(quell::level{row.level},
                                                       quell::cause{row.cause});
        }
        for (std::uint32_t up = 0; up < row.shields; up++)
            expect(row, "shield", QUELL_OK, quell_op_shield(&worker_.raw()));
        end();
    }

    quell::canceller requester() {
        quell_handle_t all{};
        if (row_.phase == QUELL_PHASE_VACANT)
            (void)quell_source_open(&source_, QUELL_RIGHT_ALL, &all);
        else
            all = owner_.raw();
        quell_handle_t narrow{};
        (void)quell_handle_narrow(&all, row_.rights, &narrow);
        return quell::canceller(narrow);
    }

    void begins_as_told() {
        const quell_status_t seen = quell::detail::look(requester());
        expect(row_, "phase before", row_.phase, seen.phase);
        expect(row_, "level before", row_.level, seen.level);
        expect(row_, "cause before", row_.cause, seen.cause);
        expect(row_, "effects before", row_.effects, seen.effects);
        expect(row_, "code before", row_.code, seen.code);
        expect(row_, "shields before", row_.shields, seen.shields);
        expect(row_, "mode before", row_.mode, seen.mode);
    }

    quell::verdict happen() {
        const std::uint32_t argument = row_.meanwhile_argument;
        switch (row_.meanwhile) {
        case CONFORMANCE_MEANWHILE_FORCE:
            return owner_.force(argument);
        case CONFORMANCE_MEANWHILE_CANCEL: {
            const auto said = owner_.canceller().cancel(quell::level::immediate).verdict;
            return said == quell::verdict::cancelled
                       ? quell::verdict::ok
                       : worker_.acknowledge(quell::effects::none);
        }
        case CONFORMANCE_MEANWHILE_COMMIT:
            start();
            expect(row_, "commit", worker_.commit());
            return worker_.finish();
        case CONFORMANCE_MEANWHILE_FINISH:
            start();
            return worker_.finish();
        case CONFORMANCE_MEANWHILE_FAIL: {
            start();
            const auto said = worker_.fail(argument);
            return said == quell::verdict::cancelled ? quell::verdict::ok : said;
        }
        default:
            start();
            return worker_.acknowledge(quell::effects{argument});
        }
    }

    quell_source_t source_ = QUELL_SOURCE_INIT;

  private:
    void start() {
        if (!worker_) {
            worker_ = owner_.start();
            expect(row_, "start", worker_.refusal());
        }
    }

    void end() {
        switch (row_.by) {
        case CONFORMANCE_BY_FINISH:
            (void)worker_.finish();
            break;
        case CONFORMANCE_BY_FAIL:
            (void)worker_.fail(row_.code);
            break;
        case CONFORMANCE_BY_ACKNOWLEDGE:
            (void)worker_.acknowledge(quell::effects{row_.effects});
            break;
        case CONFORMANCE_BY_FORCE:
            (void)owner_.force(row_.code);
            break;
        default:
            if (row_.phase == QUELL_PHASE_COMMITTED)
                (void)worker_.commit();
            break;
        }
    }

    const row_t &row_;
    quell::owner owner_;
    quell::worker worker_;
};

quell::reply cancel(const row_t &row, const quell::canceller &c) {
    switch (row.dialect) {
    case CONFORMANCE_VSS:
        return quell::vss::cancel(c, quell::vss::profile{row.profile});
    case CONFORMANCE_VDS:
        return quell::vds::cancel(c, quell::vds::profile{row.profile});
    case CONFORMANCE_WSB:
        return quell::wsb::abort(c, quell::wsb::profile{row.profile});
    default:
        return quell::gpm::cancel(c);
    }
}

void wait(const row_t &row, const quell::observer &o, told &t) {
    if (row.dialect == CONFORMANCE_VSS) {
        t.reply = quell::vss::wait(o, row.limit, quell::vss::profile{row.profile});
        return;
    }
    const std::uint64_t limit =
        row.limit == 0xFFFFFFFFu ? QUELL_FOREVER : std::uint64_t{row.limit} * 1000u;
    const bool null = row.null_pointer == CONFORMANCE_NULL_STATUS;
    t.reply = quell::vds::wait(o, null ? nullptr : &t.out, row.success, limit,
                               quell::vds::profile{row.profile});
}

void status(const row_t &row, const quell::observer &o, told &t) {
    std::uint32_t *const out = row.null_pointer == CONFORMANCE_NULL_STATUS ? nullptr : &t.out;
    if (row.dialect == CONFORMANCE_VSS) {
        t.reply = quell::vss::query_status(o, out, quell::vss::profile{row.profile});
    } else if (row.dialect == CONFORMANCE_WSB) {
        t.reply = quell::wsb::query_status(o, out, quell::wsb::profile{row.profile});
    } else {
        std::uint32_t percent = 0;
        const bool null = row.null_pointer == CONFORMANCE_NULL_VALUE;
        t.reply =
            quell::vds::query_status(o, out, null ? nullptr : &percent, {row.done, row.total},
                                     row.success, quell::vds::profile{row.profile});
        t.value = static_cast<std::int32_t>(percent);
    }
}

told call(const row_t &row, const quell::canceller &c) {
    told t;
    switch (row.call) {
    case CONFORMANCE_ASK_CANCEL:
        t.reply = cancel(row, c);
        break;
    case CONFORMANCE_ASK_WAIT:
        wait(row, c, t);
        break;
    case CONFORMANCE_ASK_STATUS:
        status(row, c, t);
        break;
    default:
        t.report = quell::gpm::report(c, {row.done, row.total});
        t.reply = {static_cast<quell::verdict>(t.report.verdict), 0};
        t.out = t.report.code;
        t.value = t.report.numerator;
        break;
    }
    return t;
}

void replay(const row_t &row) {
    row_differs = false;
    says_limit();
    bench b(row);
    b.begins_as_told();
    quell::gate gate([&](quell::level, quell::cause) { return row.gate; });
    const quell::canceller c = row.gated != 0 ? b.requester().with(gate) : b.requester();
    told t;
    if (row.meanwhile == CONFORMANCE_MEANWHILE_NOTHING) {
        t = call(row, c);
    } else {
        const marks_t before = marks_of(&b.source_);
        int done = 0;
        std::thread caller([&] {
            t = call(row, c);
            __atomic_store_n(&done, 1, __ATOMIC_RELEASE);
        });
        expect(row, "that it waits", 1,
               static_cast<std::uint32_t>(marks_wait(&b.source_, &before, &done)));
        expect(row, "what happens meanwhile", b.happen());
        caller.join();
    }
    expect(row, "verdict", row.verdict, number(t.reply.verdict));
    expect(row, "returns", row.returns, t.reply.hresult);
    expect(row, "out", row.out, t.out);
    expect(row, "value", number(row.value), number(t.value));
    expect(row, "denominator", number(row.denominator), number(t.report.denominator));
    expect(row, "with the result", row.with_result, t.report.with_result);
    expect(row, "the last", row.last, t.report.last);
    expect(row, "phase then", row.then, quell::detail::look(c).phase);
    says_row(row.id, !row_differs);
}

} // namespace

int main(int count, char **arguments) {
    unsigned long rows = 0;
    says_begin("cpp-dialects", count, arguments);
    for (const row_t &row : conformance_dialect_rows) {
        // Of the real interface only.
        if (row.null_pointer == CONFORMANCE_NULL_OUTPUT) {
            says_out(row.id, "a null pointer, which the mappings do not take");
            continue;
        }
        replay(row);
        rows++;
    }
    return says_end(rows);
}
