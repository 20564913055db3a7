// The floors: what each work costs at least where threads share it, written
// by hand and with nothing of what makes a library one. A source is one word,
// its list's head with a lock bit and a cancelled bit in it: one
// read-modify-write to lock, one store to unlock, the lock never held over a
// callback. All inlined: not even a call is paid for.
#include <atomic>
#include <cstdint>
#include <vector>

#include "state.hpp"

namespace {

#define INLINE [[gnu::always_inline]] inline

constexpr std::uintptr_t locked = 1, cancelled = 2, bits = locked | cancelled;

struct source;

struct node {
    node *next = nullptr;
    node *previous = nullptr; ///< itself: on no list
    void (*run)(void *) = nullptr;
    void *context = nullptr;
};

struct source {
    std::atomic<std::uintptr_t> word{0};
};

/// Locks, and sets `also`; what the word held before.
INLINE std::uintptr_t lock(source &of, std::uintptr_t also = 0) {
    std::uintptr_t was = of.word.load(std::memory_order_relaxed);
    do
        was &= ~locked;
    while (!of.word.compare_exchange_weak(was, was | locked | also, std::memory_order_acquire,
                                          std::memory_order_relaxed));
    return was | also;
}

INLINE node *first(std::uintptr_t word) { return reinterpret_cast<node *>(word & ~bits); }

INLINE void unlock(source &of, node *head, std::uintptr_t flags) {
    of.word.store(reinterpret_cast<std::uintptr_t>(head) | flags, std::memory_order_release);
}

INLINE void open(source &of) { of.word.store(0, std::memory_order_relaxed); }

INLINE void close(source &of) {
    BENCH_MUST((of.word.load(std::memory_order_relaxed) & ~cancelled) == 0);
}

INLINE void link(node *&head, node &added) {
    added.next = head;
    added.previous = nullptr;
    if (head)
        head->previous = &added;
    head = &added;
}

INLINE void unlink(node *&head, node &removed) {
    if (removed.next)
        removed.next->previous = removed.previous;
    if (removed.previous)
        removed.previous->next = removed.next;
    else
        head = removed.next;
    removed.previous = &removed;
}

INLINE node *pop(node *&head) {
    node *popped = head;
    head = popped->next;
    if (head)
        head->previous = nullptr;
    popped->previous = popped;
    return popped;
}

INLINE bool add(source &to, node &added, void (*run)(void *), void *context) {
    added.run = run;
    added.context = context;
    std::uintptr_t word = lock(to);
    node *head = first(word);
    link(head, added);
    unlock(to, head, word & cancelled);
    return (word & cancelled) == 0;
}

INLINE bool remove(source &from, node &removed) {
    std::uintptr_t word = lock(from);
    node *head = first(word);
    bool found = removed.previous != &removed;
    if (found)
        unlink(head, removed);
    unlock(from, head, word & cancelled);
    return found;
}

/// Each callback popped under the lock and run outside of it.
INLINE void cancel(source &of) {
    std::uintptr_t word = lock(of, cancelled);
    while (node *head = first(word)) {
        node *popped = pop(head);
        unlock(of, head, cancelled);
        popped->run(popped->context);
        word = lock(of);
    }
    unlock(of, nullptr, cancelled);
}

/// A source on its parent's list.
struct child {
    node link; ///< the first member: a node of a tree is its child
    source own;
    source *parent = nullptr;
};

INLINE void open_child(child &opened, source &parent) {
    opened.own.word.store(0, std::memory_order_relaxed);
    opened.parent = &parent;
    std::uintptr_t word = lock(parent);
    node *head = first(word);
    link(head, opened.link);
    unlock(parent, head, word & cancelled);
}

INLINE void close_child(child &closed) {
    std::uintptr_t word = lock(*closed.parent);
    node *head = first(word);
    if (closed.link.previous != &closed.link)
        unlink(head, closed.link);
    unlock(*closed.parent, head, word & cancelled);
}

INLINE child &child_of(source &own) {
    return *reinterpret_cast<child *>(reinterpret_cast<char *>(&own) - offsetof(child, own));
}

/// Down to the first child and back up, with nothing on the stack.
void cancel_tree(source &root) {
    source *at = &root;
    std::uintptr_t word = lock(*at, cancelled);
    for (;;) {
        if (node *head = first(word)) {
            node *popped = pop(head);
            unlock(*at, head, cancelled);
            at = &reinterpret_cast<child *>(popped)->own;
            word = lock(*at, cancelled);
        } else {
            unlock(*at, nullptr, cancelled);
            if (at == &root)
                return;
            at = child_of(*at).parent;
            word = lock(*at);
        }
    }
}

void count(void *counter) { ++*static_cast<std::size_t *>(counter); }

struct create {
    explicit create(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            source made;
            open(made);
            bench::escape(made);
            close(made);
        }
    }
};

struct callback {
    explicit callback(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            node added;
            add(source_, added, count, &ran_);
            bench::escape(added);
            remove(source_, added);
        }
    }
    ~callback() { BENCH_MUST(ran_ == 0 && source_.word.load() == 0); }
    source source_;
    std::size_t ran_ = 0;
};

struct cancel_one {
    explicit cancel_one(std::size_t size) : sources_(size) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            cancel(sources_[i]);
    }
    ~cancel_one() {
        for (source &each : sources_)
            BENCH_MUST(each.word.load() == cancelled);
    }
    std::vector<source> sources_;
};

struct cancel_many {
    explicit cancel_many(std::size_t size) : nodes_(size) {
        for (node &each : nodes_)
            add(source_, each, count, &ran_);
    }
    void act(std::size_t) { cancel(source_); }
    ~cancel_many() { BENCH_MUST(ran_ == nodes_.size()); }
    source source_;
    std::vector<node> nodes_;
    std::size_t ran_ = 0;
};

struct child_life {
    explicit child_life(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            child made;
            open_child(made, source_);
            bench::escape(made);
            close_child(made);
        }
    }
    ~child_life() { BENCH_MUST(source_.word.load() == 0); }
    source source_;
};

/// All below one root, or each below the one before.
template <bool Deep> struct tree {
    explicit tree(std::size_t size) : children_(size) {
        source *parent = &root_;
        for (child &each : children_) {
            open_child(each, *parent);
            if (Deep)
                parent = &each.own;
        }
    }
    void act(std::size_t) { cancel_tree(root_); }
    ~tree() {
        for (child &each : children_)
            BENCH_MUST(each.own.word.load() == cancelled);
    }
    source root_;
    std::vector<child> children_;
};

bool quiet(const std::atomic<std::uint32_t> *polled) {
    return polled->load(std::memory_order_relaxed) == 0;
}

struct poll {
    explicit poll(std::size_t) {}
    void act(std::size_t size) { BENCH_MUST(bench::poll_loop<quiet>(&flag_, size) == 0); }
    std::atomic<std::uint32_t> flag_{0};
};

struct poll_shared : poll {
    using poll::poll;
    bench::second_poller second_{bench::poll_loop<quiet, std::atomic<std::uint32_t>>, &flag_};
};

} // namespace

const bench_library_t *bench_floor() {
    static constexpr bench_work_t works[] = {
        bench::work<create>("create", sizeof(source)),
        bench::work<callback>("callback", sizeof(node)),
        bench::work<cancel_one>("cancel", sizeof(source)),
        bench::work<cancel_many>("cancel_many", sizeof(node)),
        bench::work<child_life>("child", sizeof(child)),
        bench::work<tree<false>>("tree", sizeof(child)),
        bench::work<tree<true>>("chain", sizeof(child)),
        bench::work<poll>("poll", sizeof(std::uint32_t)),
        bench::work<poll_shared>("poll_shared", sizeof(std::uint32_t)),
    };
    static constexpr bench_library_t floor = bench::library("floor", works);
    return &floor;
}
