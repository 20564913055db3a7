// A work as a class: constructed outside of the time, `act` within it, and
// destroyed, with its checks, outside again.
#ifndef BENCH_STATE_HPP
#define BENCH_STATE_HPP

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "work.h"

namespace bench {

inline void must(bool held, const char *what, const char *file, int line) {
    if (!held) {
        std::fprintf(stderr, "bench: %s:%d: not so: %s\n", file, line, what);
        std::exit(2);
    }
}
#define BENCH_MUST(what) ::bench::must(static_cast<bool>(what), #what, __FILE__, __LINE__)

template <class State> constexpr bench_work_t work(const char *name, std::size_t bytes) {
    return {name, bytes, [](std::size_t size) -> void * { return new State(size); },
            [](void *state, std::size_t size) { static_cast<State *>(state)->act(size); },
            [](void *state, std::size_t) { delete static_cast<State *>(state); }};
}

template <std::size_t Count>
constexpr bench_library_t library(const char *name, const bench_work_t (&works)[Count]) {
    return {name, works, Count};
}

/// Keeps the compiler from knowing what `object` holds.
template <class Object> void escape(Object &object) {
    asm volatile("" : : "r"(&object) : "memory");
}

/// A loop of nothing but polls, apart, as loops.h has it: told only what it
/// polls. The rounds that were left when the poll said no.
template <auto Quiet, class Polled>
[[gnu::noinline]] std::size_t poll_loop(const Polled *polled, std::size_t rounds) {
    do {
        if (!Quiet(polled))
            break;
    } while (--rounds != 0);
    return rounds;
}

/// The thread that polls beside the one that is measured.
class second_poller {
  public:
    template <class Loop, class Polled> second_poller(Loop loop, const Polled *polled) {
        thread_ = std::thread([=, this] {
            started_.store(true, std::memory_order_release);
            while (!enough_.load(std::memory_order_relaxed))
                BENCH_MUST(loop(polled, 64) == 0);
        });
        while (!started_.load(std::memory_order_acquire))
            std::this_thread::yield();
    }
    ~second_poller() {
        enough_.store(true, std::memory_order_relaxed);
        thread_.join();
    }

  private:
    std::atomic<bool> started_{false}, enough_{false};
    std::thread thread_;
};

/// Keeps a second thread alive, asleep: the C library and libstdc++ take short
/// cuts in a process of one thread, where cancelling serves nobody.
class company {
  public:
    company() { mutex_.lock(); }
    ~company() {
        mutex_.unlock();
        thread_.join();
    }

  private:
    std::mutex mutex_;
    std::thread thread_{[this] { std::lock_guard<std::mutex> until_the_end(mutex_); }};
};

/// Two threads that cancel what the other one waits for, turn by turn:
/// `Sides` has `cancel(side, turn)` and `wait(side, turn)`. The second one
/// waits for the first turn before the time begins.
template <class Sides> class ping_pong {
  public:
    explicit ping_pong(std::size_t size) : sides_(size) {
        second_ = std::thread([this, size] {
            for (std::size_t turn = 0; turn < size; ++turn) {
                sides_.wait(0, turn);
                sides_.cancel(1, turn);
            }
        });
    }
    void act(std::size_t size) {
        for (std::size_t turn = 0; turn < size; ++turn) {
            sides_.cancel(0, turn);
            sides_.wait(1, turn);
        }
    }
    ~ping_pong() { second_.join(); }

  private:
    Sides sides_;
    std::thread second_;
};

} // namespace bench

#endif
