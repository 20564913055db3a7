// One call of each subject between two marks, for callgrind: run by run.sh
// under valgrind, which writes one dump for each row, named as the row.
#include <valgrind/callgrind.h>

#include "subjects.hpp"

namespace {

bench::running subject;
quell::operation operation;
std::atomic<std::uint32_t> flag{0};
std::uint32_t word = 0;
std::uint32_t quiet = 0;

/// Everything that a row executes outside of functions called `harness_…` is
/// the subject's. The first call binds symbols and is not counted.
[[gnu::noinline]] void harness_row(const char *name, void (*harness_prepare)(),
                                   void (*harness_act)()) {
    harness_prepare();
    harness_act();
    harness_prepare();
    CALLGRIND_ZERO_STATS;
    harness_act();
    CALLGRIND_DUMP_STATS_AT(name);
}

void harness_reset() { subject.reset(); }

quell_op_t fresh = QUELL_OP_INIT;
quell_handle_t owner;
quell_worker_t worker;
void harness_vacant() {
    fresh = quell_op_t QUELL_OP_INIT;
    owner = quell_handle_t{};
}
void harness_pending() {
    harness_vacant();
    quell_op_arm(&fresh, QUELL_MODE_DECISIVE, &owner);
}
void harness_ended() {
    harness_pending();
    quell_op_start(&owner, &worker);
    quell_op_finish(&worker);
}

std::stop_source source;
void harness_source() { source = std::stop_source(); }

#define ROW(name, prepare, act)                                                                \
    void harness_##name() { act; }                                                             \
    constexpr auto prepare_##name = prepare

ROW(
    floor_swap, +[] { word = 1; }, bench::floor_swap(&word, 1, 2));
ROW(
    rust_swap, +[] { word = 1; }, rust_swap(&word, 1, 2));
ROW(cancel, harness_reset,
    quell_cancel(&subject.handle, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, nullptr));
ROW(cancel_core, harness_reset, rust_cancel(&subject.op, subject.handle.ticket));
ROW(finish, harness_reset, quell_op_finish(&subject.worker));
ROW(finish_core, harness_reset, rust_finish(&subject.op, subject.worker.left));
ROW(commit, harness_reset, quell_op_commit(&subject.worker));
ROW(arm, harness_vacant, quell_op_arm(&fresh, QUELL_MODE_DECISIVE, &owner));
ROW(start, harness_pending, quell_op_start(&owner, &worker));
ROW(retire, harness_ended, quell_op_retire(&owner));
ROW(std_request_stop, harness_source, bench::std_request_stop(source));
ROW(std_life, harness_reset, bench::std_life());

} // namespace

/// The rounds of a loop in the short and in the long row: their difference is
/// what rounds cost.
constexpr std::uint32_t few = 1000, many = 2000;

#define LOOP(loop, polled)                                                                     \
    harness_row(#loop ":few", harness_reset, [] { harness_loop(loop, polled, few); });         \
    harness_row(#loop ":many", harness_reset, [] { harness_loop(loop, polled, many); })

template <class Polled>
[[gnu::noinline]] void harness_loop(std::uint32_t (*loop)(const Polled *, std::uint32_t),
                                    const Polled *polled, std::uint32_t rounds) {
    BENCH_MUST(loop(polled, rounds) == 0);
}

int main() {
    static quell::worker cpp_worker = operation.start();
    static std::stop_token token = source.get_token();
    BENCH_MUST(cpp_worker);

#define RUN(name) harness_row(#name, prepare_##name, harness_##name)
    RUN(floor_swap);
    RUN(rust_swap);
    RUN(cancel);
    RUN(cancel_core);
    RUN(finish);
    RUN(finish_core);
    RUN(commit);
    RUN(arm);
    RUN(start);
    RUN(retire);
    RUN(std_request_stop);
    RUN(std_life);

    LOOP(loop_c_flag, &quiet);
    LOOP(loop_c_op, &subject.op);
    LOOP(loop_c_worker, &subject.worker);
    LOOP(loop_cpp_flag, &flag);
    LOOP(loop_cpp_op, &operation);
    LOOP(loop_cpp_worker, &cpp_worker);
    LOOP(loop_std, &token);
    LOOP(loop_rust_flag, &quiet);
    LOOP(loop_rust_op, &subject.op);
    LOOP(call_loop_empty, &subject.op);
    LOOP(call_loop_op, &subject.op);
    LOOP(plt_loop_empty, &subject.op);
    LOOP(plt_loop_op, &subject.op);
    LOOP(plt_loop_worker, &subject.worker);
}
