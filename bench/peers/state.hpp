// A work as a class: constructed outside of the time, `act` within it, and
// destroyed, with its checks, outside again.
#ifndef BENCH_STATE_HPP
#define BENCH_STATE_HPP

#include <atomic>
#include <cstdio>
#include <cstdlib>
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

/// The thread that polls beside the one that is measured.
class second_poller {
  public:
    template <class Poll> explicit second_poller(Poll poll) {
        thread_ = std::thread([this, poll] {
            started_.store(true, std::memory_order_release);
            while (!enough_.load(std::memory_order_relaxed))
                for (int i = 0; i < 64; ++i)
                    BENCH_MUST(!poll());
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
