// The times of everything that is compared, in one process, in random order,
// many rounds of each: Google Benchmark's job. Only ratios are made of them,
// by report.py, which knows what is compared with what.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

#include <benchmark/benchmark.h>

#include "subjects.hpp"

namespace {

/// How often a round reads the clock, and keeps the median: on a busy machine
/// a batch of microseconds is rarely interrupted, a round of them often is.
constexpr std::size_t batches = 15;

template <class Prepare, class Act> void subject(const char *name, Prepare prepare, Act act) {
    auto round = [=](benchmark::State &state) {
        for (auto _ : state) {
            std::array<double, batches> times;
            for (double &time : times) {
                prepare();
                auto begin = std::chrono::steady_clock::now();
                act();
                auto end = std::chrono::steady_clock::now();
                time = std::chrono::duration<double>(end - begin).count();
            }
            std::nth_element(times.begin(), times.begin() + batches / 2, times.end());
            state.SetIterationTime(times[batches / 2]);
        }
    };
    benchmark::RegisterBenchmark(name, round)->UseManualTime()->Iterations(1);
}

/// The polls that one clock reading covers: enough to hide the clock.
constexpr std::uint32_t rounds = 16384;

template <class Polled> void polls(const char *name,
                                   std::uint32_t (*loop)(const Polled *, std::uint32_t),
                                   const Polled *polled) {
    subject(
        name, [] {}, [=] { BENCH_MUST(loop(polled, rounds) == 0); });
}

/// The objects that one clock reading covers: enough to hide the clock, few
/// enough to stay in the first cache.
constexpr std::size_t objects = 256;

/// `act` on each object, all put back outside of the time: both sides are
/// compared on nothing but the call.
template <class Reset, class Act> void decisions(const char *name, Reset reset, Act act) {
    subject(
        name,
        [=] {
            for (std::size_t i = 0; i < objects; ++i)
                reset(i);
        },
        [=] {
            for (std::size_t i = 0; i < objects; ++i)
                benchmark::DoNotOptimize(act(i));
        });
}

/// Whole lives, one after the other, of one object.
template <class Act> void lives(const char *name, Act act) {
    subject(
        name, [] {},
        [=] {
            for (std::size_t i = 0; i < objects; ++i)
                act();
        });
}

} // namespace

int main(int argc, char **argv) {
    benchmark::Initialize(&argc, argv);

    static std::uint32_t flag = 0;
    static std::atomic<std::uint32_t> atomic_flag{0};
    static bench::running polled;
    static quell::operation operation;
    static quell::worker worker = operation.start();
    static std::stop_source source;
    static std::stop_token token = source.get_token();
    BENCH_MUST(worker);

    polls("loop_c_flag", loop_c_flag, &flag);
    polls("loop_c_op", loop_c_op, &polled.op);
    polls("loop_c_worker", loop_c_worker, &polled.worker);
    polls("loop_cpp_flag", loop_cpp_flag, &atomic_flag);
    polls("loop_cpp_op", loop_cpp_op, &operation);
    polls("loop_cpp_worker", loop_cpp_worker, &worker);
    polls("loop_std", loop_std, &token);
    polls("loop_rust_flag", loop_rust_flag, &flag);
    polls("loop_rust_op", loop_rust_op, &polled.op);
    polls("call_loop_empty", call_loop_empty, &polled.op);
    polls("call_loop_op", call_loop_op, &polled.op);
    polls("plt_loop_empty", plt_loop_empty, &polled.op);
    polls("plt_loop_op", plt_loop_op, &polled.op);
    polls("plt_loop_worker", plt_loop_worker, &polled.worker);

    static std::array<std::uint64_t, objects> words{};
    static std::array<bench::running, objects> ops;
    static std::array<std::stop_source, objects> sources;
    auto at = [](std::size_t i) { return reinterpret_cast<std::uint32_t *>(&words[i]); };
    auto reset = [](std::size_t i) { ops[i].reset(); };
    decisions(
        "floor_swap", [=](std::size_t i) { *at(i) = 1; },
        [=](std::size_t i) { return bench::floor_swap(at(i), 1, 2); });
    decisions("cancel", reset, [](std::size_t i) {
        return quell_cancel(&ops[i].handle, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, nullptr);
    });
    decisions("cancel_core", reset,
              [](std::size_t i) { return rust_cancel(&ops[i].op, ops[i].handle.ticket); });
    decisions("finish", reset, [](std::size_t i) { return quell_op_finish(&ops[i].worker); });
    decisions("finish_core", reset,
              [](std::size_t i) { return rust_finish(&ops[i].op, ops[i].worker.left); });
    decisions(
        "std_request_stop", [](std::size_t i) { sources[i] = std::stop_source(); },
        [](std::size_t i) { return bench::std_request_stop(sources[i]); });

    static std::uint32_t word = 0;
    static quell_op_t op = QUELL_OP_INIT;
    lives("four_swaps", [] { bench::swaps<4>(word); });
    lives("life", [] { bench::life(op); });
    lives("std_life", [] { bench::std_life(); });
    lives("five_swaps", [] { bench::swaps<5>(word); });
    lives("cancelled_life", [] { bench::cancelled_life(op); });
    lives("std_stopped_life", [] { bench::std_stopped_life(); });

    benchmark::RunSpecifiedBenchmarks();

    // A call that was answered otherwise than meant was not what was timed.
    BENCH_MUST(op.word >> 28 == QUELL_PHASE_VACANT);
    ops[0].reset();
    BENCH_MUST(quell_cancel(&ops[0].handle, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, nullptr) ==
               QUELL_CANCELLING);
    ops[0].reset();
    BENCH_MUST(quell_op_finish(&ops[0].worker) == QUELL_OK);
}
