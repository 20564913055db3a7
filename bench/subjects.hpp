// What both programs measure: the loops, the calls, and what stands beside
// them. The functions that begin with `floor_` and `std_` are apart, as
// quell's are, so that all pay for one call.
#ifndef BENCH_SUBJECTS_HPP
#define BENCH_SUBJECTS_HPP

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stop_token>

#include <quell.hpp>

extern "C" {
std::uint32_t loop_c_flag(const std::uint32_t *, std::uint32_t);
std::uint32_t loop_c_op(const quell_op_t *, std::uint32_t);
std::uint32_t loop_c_worker(const quell_worker_t *, std::uint32_t);
std::uint32_t loop_cpp_flag(const std::atomic<std::uint32_t> *, std::uint32_t);
std::uint32_t loop_cpp_op(const quell::operation *, std::uint32_t);
std::uint32_t loop_cpp_worker(const quell::worker *, std::uint32_t);
std::uint32_t loop_std(const std::stop_token *, std::uint32_t);
std::uint32_t loop_rust_flag(const std::uint32_t *, std::uint32_t);
std::uint32_t loop_rust_op(const quell_op_t *, std::uint32_t);
std::uint32_t call_loop_empty(const quell_op_t *, std::uint32_t);
std::uint32_t call_loop_op(const quell_op_t *, std::uint32_t);
std::uint32_t call_loop_worker(const quell_worker_t *, std::uint32_t);
std::uint32_t plt_loop_empty(const quell_op_t *, std::uint32_t);
std::uint32_t plt_loop_op(const quell_op_t *, std::uint32_t);
std::uint32_t plt_loop_worker(const quell_worker_t *, std::uint32_t);
bool rust_swap(std::uint32_t *, std::uint32_t from, std::uint32_t to);
std::uint32_t rust_cancel(quell_op_t *, std::uint32_t ticket);
std::uint32_t rust_finish(quell_op_t *, std::uint32_t left);
}

namespace bench {

inline void must(bool held, const char *what) {
    if (!held) {
        std::fprintf(stderr, "bench: not so: %s\n", what);
        std::exit(2);
    }
}
#define BENCH_MUST(what) ::bench::must(static_cast<bool>(what), #what)

[[gnu::noipa]] inline bool floor_swap(std::uint32_t *word, std::uint32_t from,
                                      std::uint32_t to) {
    return __atomic_compare_exchange_n(word, &from, to, false, __ATOMIC_RELEASE,
                                       __ATOMIC_ACQUIRE);
}

[[gnu::noipa]] inline bool std_request_stop(std::stop_source &source) {
    return source.request_stop();
}

/// Create, hand out one token, destroy.
[[gnu::noipa]] inline void std_life() {
    std::stop_source source;
    std::stop_token token = source.get_token();
    asm volatile("" : : "r"(&token) : "memory");
}

/// The same, stopped in between.
[[gnu::noipa]] inline void std_stopped_life() {
    std::stop_source source;
    std::stop_token token = source.get_token();
    asm volatile("" : : "r"(&token) : "memory");
    source.request_stop();
}

/// An operation that runs, with its parties, and the words to put it back to.
struct running {
    quell_op_t op = QUELL_OP_INIT;
    quell_handle_t handle{};
    quell_worker_t worker{};

    running() {
        BENCH_MUST(quell_op_arm(&op, QUELL_MODE_DECISIVE, &handle) == QUELL_OK);
        BENCH_MUST(quell_op_start(&handle, &worker) == QUELL_OK);
        word_ = op.word;
    }
    running(const running &) = delete;
    running &operator=(const running &) = delete;

    void reset() {
        __atomic_store_n(&op.word, word_, __ATOMIC_RELAXED);
        worker.left = word_;
    }

  private:
    std::uint32_t word_;
};

inline void life(quell_op_t &op) {
    quell_handle_t owner;
    quell_worker_t worker;
    quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner);
    quell_op_start(&owner, &worker);
    quell_op_finish(&worker);
    quell_op_retire(&owner);
}

inline void cancelled_life(quell_op_t &op) {
    quell_handle_t owner;
    quell_worker_t worker;
    quell_op_arm(&op, QUELL_MODE_DECISIVE, &owner);
    quell_op_start(&owner, &worker);
    quell_cancel(&owner, QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER, nullptr);
    quell_op_acknowledge(&worker, QUELL_EFFECTS_NONE);
    quell_op_retire(&owner);
}

/// Swaps one after the other: what so many transitions cost at least.
template <int Count> void swaps(std::uint32_t &word) {
    for (int i = 0; i < Count; ++i) {
        auto from = static_cast<std::uint32_t>(i);
        floor_swap(&word, from, i + 1 == Count ? 0u : from + 1u);
    }
}

} // namespace bench

#endif
