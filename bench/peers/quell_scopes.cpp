// quell: scopes, by themselves, below one another, and in trees.
#include <vector>

#include <quell.h>

#include "state.hpp"

namespace {

struct create {
    explicit create(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            quell_scope_t made = QUELL_SCOPE_INIT;
            quell_scope_open(&made, nullptr);
            bench::escape(made);
            closed_ += quell_scope_close(&made) == QUELL_OK;
        }
        BENCH_MUST(closed_ == size);
    }
    std::size_t closed_ = 0;
};

struct child {
    explicit child(std::size_t) { BENCH_MUST(quell_scope_open(&parent_, nullptr) == QUELL_OK); }
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            quell_scope_t made = QUELL_SCOPE_INIT;
            quell_scope_open(&made, &parent_);
            bench::escape(made);
            closed_ += quell_scope_close(&made) == QUELL_OK;
        }
        BENCH_MUST(closed_ == size);
    }
    ~child() { BENCH_MUST(quell_scope_close(&parent_) == QUELL_OK); }
    quell_scope_t parent_ = QUELL_SCOPE_INIT;
    std::size_t closed_ = 0;
};

/// All below one root, or each below the one before.
template <bool Deep> struct tree {
    explicit tree(std::size_t size) : scopes_(size + 1) {
        quell_scope_t *parent = nullptr;
        for (quell_scope_t &each : scopes_) {
            BENCH_MUST(quell_scope_open(&each, parent) == QUELL_OK);
            if (Deep || !parent)
                parent = &each;
        }
    }
    void act(std::size_t) {
        BENCH_MUST(quell_scope_cancel(&scopes_[0], QUELL_LEVEL_GRACEFUL, QUELL_CAUSE_USER) ==
                   QUELL_CANCELLING);
    }
    ~tree() {
        for (quell_scope_t &each : scopes_)
            BENCH_MUST(quell_scope_poll(&each) == QUELL_LEVEL_GRACEFUL);
        while (!scopes_.empty()) {
            BENCH_MUST(quell_scope_close(&scopes_.back()) == QUELL_OK);
            scopes_.pop_back();
        }
    }
    std::vector<quell_scope_t> scopes_;
};

} // namespace

const bench_library_t *bench_quell_scopes() {
    static constexpr bench_work_t works[] = {
        bench::work<create>("create", sizeof(quell_scope_t)),
        bench::work<child>("child", sizeof(quell_scope_t)),
        bench::work<tree<false>>("tree", sizeof(quell_scope_t)),
        bench::work<tree<true>>("chain", sizeof(quell_scope_t)),
    };
    static constexpr bench_library_t quell = bench::library("quell", works);
    return &quell;
}
