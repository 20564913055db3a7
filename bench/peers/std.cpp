// std::stop_token as libstdc++ has it. It knows no children: a child is a
// source of its own and a callback at the parent that stops it, as the
// standard's own users write it.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "state.hpp"

namespace {

struct count {
    std::size_t *counter;
    void operator()() const { ++*counter; }
};
using callback_type = std::stop_callback<count>;

struct child {
    struct stop {
        std::stop_source *source;
        void operator()() const { source->request_stop(); }
    };
    explicit child(std::stop_token parent) : link(std::move(parent), stop{&source}) {}
    std::stop_source source;
    std::stop_callback<stop> link;
};

struct create {
    explicit create(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            std::stop_source made;
            bench::escape(made);
        }
    }
};

struct callback {
    explicit callback(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            callback_type added(source_.get_token(), count{&ran_});
            bench::escape(added);
        }
    }
    ~callback() { BENCH_MUST(ran_ == 0); }
    std::stop_source source_;
    std::size_t ran_ = 0;
};

struct cancel {
    explicit cancel(std::size_t size) : sources_(size) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            sources_[i].request_stop();
    }
    ~cancel() {
        for (std::stop_source &each : sources_)
            BENCH_MUST(each.stop_requested());
    }
    std::vector<std::stop_source> sources_;
};

struct cancel_many {
    explicit cancel_many(std::size_t size) : size_(size) {
        for (std::size_t i = 0; i < size; ++i)
            callbacks_.emplace_back(source_.get_token(), count{&ran_});
    }
    void act(std::size_t) { source_.request_stop(); }
    ~cancel_many() { BENCH_MUST(ran_ == size_); }
    std::size_t size_, ran_ = 0;
    std::stop_source source_;
    std::deque<callback_type> callbacks_;
};

struct child_life {
    explicit child_life(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            child made(source_.get_token());
            bench::escape(made);
        }
    }
    std::stop_source source_;
};

/// All below one root, or each below the one before.
template <bool Deep> struct tree {
    explicit tree(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            children_.emplace_back(Deep && i ? children_.back().source.get_token()
                                             : root_.get_token());
    }
    void act(std::size_t) { root_.request_stop(); }
    ~tree() {
        for (child &each : children_)
            BENCH_MUST(each.source.stop_requested());
    }
    std::stop_source root_;
    std::deque<child> children_;
};

bool quiet(const std::stop_token *polled) { return !polled->stop_requested(); }

struct poll {
    explicit poll(std::size_t) {}
    void act(std::size_t size) { BENCH_MUST(bench::poll_loop<quiet>(&token_, size) == 0); }
    std::stop_source source_;
    std::stop_token token_ = source_.get_token();
};

struct poll_shared : poll {
    using poll::poll;
    bench::second_poller second_{bench::poll_loop<quiet, std::stop_token>, &token_};
};

struct sides {
    explicit sides(std::size_t size) : side_{side(size), side(size)} {}
    void cancel(int of, std::size_t turn) { side_[of].sources[turn].request_stop(); }
    void wait(int of, std::size_t turn) {
        std::unique_lock lock(mutex_[of]);
        condition_[of].wait(lock, side_[of].sources[turn].get_token(), [] { return false; });
    }
    struct side {
        explicit side(std::size_t size) : sources(size) {}
        std::vector<std::stop_source> sources;
    };
    side side_[2];
    std::mutex mutex_[2];
    std::condition_variable_any condition_[2];
};

} // namespace

const bench_library_t *bench_std() {
    static constexpr bench_work_t works[] = {
        bench::work<create>("create", sizeof(std::stop_source)),
        bench::work<callback>("callback", sizeof(callback_type)),
        bench::work<cancel>("cancel", sizeof(std::stop_source)),
        bench::work<cancel_many>("cancel_many", sizeof(callback_type)),
        bench::work<child_life>("child", sizeof(child)),
        bench::work<tree<false>>("tree", sizeof(child)),
        bench::work<tree<true>>("chain", sizeof(child)),
        bench::work<poll>("poll", sizeof(std::stop_token)),
        bench::work<poll_shared>("poll_shared", sizeof(std::stop_token)),
        bench::work<bench::ping_pong<sides>>("wake", sizeof(std::stop_source)),
    };
    static constexpr bench_library_t std_library = bench::library("std", works);
    return &std_library;
}
