// GLib's GCancellable. It knows no children: a child is a cancellable of its
// own and a handler at the parent that cancels it, as GLib's documentation
// shows it.
#include <gio/gio.h>

#include <vector>

#include "state.hpp"

namespace {

void count(GCancellable *, gpointer counter) { ++*static_cast<std::size_t *>(counter); }

gulong connect(GCancellable *to, void (*run)(GCancellable *, gpointer), gpointer data) {
    return g_cancellable_connect(to, G_CALLBACK(run), data, nullptr);
}

/// A reference of ours.
struct owned {
    owned() = default;
    owned(const owned &) = delete;
    owned &operator=(const owned &) = delete;
    ~owned() { g_object_unref(get); }
    GCancellable *get = g_cancellable_new();
};

struct child {
    static void cancel(GCancellable *, gpointer own) {
        g_cancellable_cancel(static_cast<GCancellable *>(own));
    }
    explicit child(GCancellable *of) : parent(of), link(connect(of, cancel, own.get)) {}
    child(const child &) = delete;
    child &operator=(const child &) = delete;
    ~child() { g_cancellable_disconnect(parent, link); }
    owned own;
    GCancellable *parent;
    gulong link;
};

struct create {
    explicit create(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            g_object_unref(g_cancellable_new());
    }
};

struct callback {
    explicit callback(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            gulong added = connect(source_.get, count, &ran_);
            g_cancellable_disconnect(source_.get, added);
        }
    }
    ~callback() { BENCH_MUST(ran_ == 0); }
    owned source_;
    std::size_t ran_ = 0;
};

struct cancel {
    explicit cancel(std::size_t size) : sources_(size) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            g_cancellable_cancel(sources_[i].get);
    }
    ~cancel() {
        for (owned &each : sources_)
            BENCH_MUST(g_cancellable_is_cancelled(each.get));
    }
    std::vector<owned> sources_;
};

struct cancel_many {
    explicit cancel_many(std::size_t size) : handlers_(size) {
        for (gulong &each : handlers_)
            each = connect(source_.get, count, &ran_);
    }
    void act(std::size_t) { g_cancellable_cancel(source_.get); }
    ~cancel_many() {
        BENCH_MUST(ran_ == handlers_.size());
        for (gulong each : handlers_)
            g_cancellable_disconnect(source_.get, each);
    }
    owned source_;
    std::vector<gulong> handlers_;
    std::size_t ran_ = 0;
};

struct child_life {
    explicit child_life(std::size_t) {}
    void act(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            child made(source_.get);
    }
    owned source_;
};

/// All below one root, or each below the one before.
template <bool Deep> struct tree {
    explicit tree(std::size_t size) {
        children_.reserve(size);
        for (std::size_t i = 0; i < size; ++i)
            children_.push_back(new child(Deep && i ? children_.back()->own.get : root_.get));
    }
    void act(std::size_t) { g_cancellable_cancel(root_.get); }
    ~tree() {
        for (child *each : children_)
            BENCH_MUST(g_cancellable_is_cancelled(each->own.get));
        while (!children_.empty()) {
            delete children_.back();
            children_.pop_back();
        }
    }
    owned root_;
    std::vector<child *> children_;
};

bool quiet(const GCancellable *polled) {
    return !g_cancellable_is_cancelled(const_cast<GCancellable *>(polled));
}

struct poll {
    explicit poll(std::size_t) {}
    void act(std::size_t size) { BENCH_MUST(bench::poll_loop<quiet>(source_.get, size) == 0); }
    owned source_;
};

struct poll_shared : poll {
    using poll::poll;
    bench::second_poller second_{bench::poll_loop<quiet, GCancellable>, source_.get};
};

/// A cancellable is waited for through a descriptor; it is made beforehand.
struct sides {
    struct end {
        end() { BENCH_MUST(g_cancellable_make_pollfd(own.get, &descriptor)); }
        ~end() { g_cancellable_release_fd(own.get); }
        owned own;
        GPollFD descriptor;
    };
    explicit sides(std::size_t size) : ends_{std::vector<end>(size), std::vector<end>(size)} {}
    void cancel(int side, std::size_t turn) { g_cancellable_cancel(ends_[side][turn].own.get); }
    void wait(int side, std::size_t turn) {
        end &at = ends_[side][turn];
        while (!g_cancellable_is_cancelled(at.own.get))
            g_poll(&at.descriptor, 1, -1);
    }
    std::vector<end> ends_[2];
};

} // namespace

const bench_library_t *bench_glib() {
    static constexpr bench_work_t works[] = {
        bench::work<create>("create", sizeof(GCancellable *)),
        bench::work<callback>("callback", sizeof(gulong)),
        bench::work<cancel>("cancel", sizeof(GCancellable *)),
        bench::work<cancel_many>("cancel_many", sizeof(gulong)),
        bench::work<child_life>("child", sizeof(child)),
        bench::work<tree<false>>("tree", sizeof(child)),
        bench::work<tree<true>>("chain", sizeof(child)),
        bench::work<poll>("poll", sizeof(GCancellable *)),
        bench::work<poll_shared>("poll_shared", sizeof(GCancellable *)),
        bench::work<bench::ping_pong<sides>>("wake", sizeof(GCancellable *)),
    };
    static constexpr bench_library_t glib = bench::library("glib", works);
    return &glib;
}
