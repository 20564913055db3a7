// Asio's cancellation signals. A signal has one slot, which holds one
// handler, and all of it belongs to one thread: what needs several handlers,
// or several threads, has no equal here.
#include <asio/cancellation_signal.hpp>
#include <asio/cancellation_state.hpp>

#include <deque>

#include "state.hpp"

namespace {

using asio::cancellation_signal;
constexpr asio::cancellation_type all = asio::cancellation_type::all;

struct count {
    std::size_t *counter;
    void operator()(asio::cancellation_type) { ++*counter; }
};

struct child {
    struct emit {
        cancellation_signal *signal;
        void operator()(asio::cancellation_type type) { signal->emit(type); }
    };
    explicit child(cancellation_signal &of) : parent(of.slot()) {
        parent.assign(emit{&signal});
    }
    ~child() { parent.clear(); }
    cancellation_signal signal;
    asio::cancellation_slot parent;
};

struct create {
    explicit create(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            cancellation_signal made;
            bench::escape(made);
        }
    }
};

struct callback {
    explicit callback(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            asio::cancellation_slot slot = signal_.slot();
            slot.assign(count{&ran_});
            bench::escape(slot);
            slot.clear();
        }
    }
    ~callback() { BENCH_MUST(ran_ == 0); }
    cancellation_signal signal_;
    std::size_t ran_ = 0;
};

struct cancel {
    explicit cancel(std::size_t size) : signals_(size) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            signals_[i].emit(all);
    }
    std::deque<cancellation_signal> signals_;
};

struct child_life {
    explicit child_life(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            child made(signal_);
            bench::escape(made);
        }
    }
    cancellation_signal signal_;
};

struct chain {
    explicit chain(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            children_.emplace_back(i ? children_.back().signal : root_);
        children_.back().signal.slot().assign(count{&reached_});
    }
    void act(std::size_t) { root_.emit(all); }
    ~chain() {
        BENCH_MUST(reached_ == 1);
        while (!children_.empty())
            children_.pop_back();
    }
    cancellation_signal root_;
    std::deque<child> children_;
    std::size_t reached_ = 0;
};

bool quiet(const asio::cancellation_state *polled) {
    return polled->cancelled() == asio::cancellation_type::none;
}

struct poll {
    explicit poll(std::size_t) {}
    void act(std::size_t size) { BENCH_MUST(bench::poll_loop<quiet>(&state_, size) == 0); }
    cancellation_signal signal_;
    asio::cancellation_state state_{signal_.slot()};
};

} // namespace

const bench_library_t *bench_asio() {
    static constexpr bench_work_t works[] = {
        bench::work<create>("create", sizeof(cancellation_signal)),
        bench::work<callback>("callback", sizeof(asio::cancellation_slot)),
        bench::work<cancel>("cancel", sizeof(cancellation_signal)),
        bench::work<child_life>("child", sizeof(child)),
        bench::work<chain>("chain", sizeof(child)),
        bench::work<poll>("poll", sizeof(asio::cancellation_state)),
    };
    static constexpr bench_library_t asio_library = bench::library("asio", works);
    return &asio_library;
}
