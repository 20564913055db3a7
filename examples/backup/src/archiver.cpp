#include "archiver.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>

#include "failure.hpp"
#include "text.hpp"
#include "walker.hpp"

namespace qbackup {

namespace {

/// How long the main thread waits for room before it asks the stop sign.
constexpr std::chrono::milliseconds patience(2);
/// How much is read between two looks at the operation.
constexpr std::size_t read_step = std::size_t{256} << 10;

bool changed(const struct stat &before, const struct stat &after) {
    return before.st_size != after.st_size || before.st_mtim.tv_sec != after.st_mtim.tv_sec ||
           before.st_mtim.tv_nsec != after.st_mtim.tv_nsec;
}

} // namespace

/// A file that is being read. Each chunk's place in the entry is one thread's;
/// the thread that does the last one closes it.
struct archiver::open_file {
    open_file(entry &of, std::string where, descriptor opened, const struct stat &seen)
        : made(of), path(std::move(where)), file(std::move(opened)), found(seen) {}

    entry &made;
    std::string path;
    descriptor file;
    struct stat found;
    std::atomic<std::size_t> left{0};
    std::atomic<bool> lost{false};
    /// Bytes that were there when they were read.
    std::atomic<std::uint64_t> size{0};
};

archiver::archiver(chunk_store &store, counters &progress, stop_sign &sign, throttle &limit,
                   unsigned threads, std::function<void(const std::string &)> unreadable,
                   std::function<void(const std::string &)> note)
    : store_(store), progress_(progress), sign_(sign), limit_(limit),
      unreadable_(std::move(unreadable)), note_(std::move(note)), tasks_(2 * threads) {
    for (unsigned count = 0; count < threads; ++count)
        threads_.emplace_back([this] { work(); });
}

archiver::~archiver() {
    if (threads_.empty())
        return;
    // Not joined: the main thread has met trouble of its own.
    sign_.give_up();
    tasks_.close();
    for (std::thread &thread : threads_)
        thread.join();
}

void archiver::add(entry &file) {
    std::string path = "/" + file.path;
    // Without blocking: it may have become a FIFO since it was found.
    descriptor opened(
        ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    struct stat found {};
    std::string why;
    if (!opened || ::fstat(opened.get(), &found) != 0)
        why = std::strerror(errno);
    else if (!S_ISREG(found.st_mode))
        why = "it is no file any more";
    std::uint64_t expected = file.size;
    auto shared = std::make_shared<open_file>(file, path, std::move(opened), found);
    if (!why.empty()) {
        lose(*shared, "cannot open " + printable(path) + ": " + why);
        progress_.bytes_done.fetch_add(expected, std::memory_order_relaxed);
        progress_.files_done.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    fill_in(file, found);
    if (file.size > expected)
        progress_.bytes_total.fetch_add(file.size - expected, std::memory_order_relaxed);
    else
        progress_.bytes_done.fetch_add(expected - file.size, std::memory_order_relaxed);
    std::size_t count = static_cast<std::size_t>((file.size + chunk_size - 1) / chunk_size);
    file.chunks.resize(count);
    shared->left.store(count, std::memory_order_relaxed);
    if (count == 0)
        finish(*shared);
    for (std::size_t number = 0; number < count; ++number) {
        task piece{shared, number};
        while (!tasks_.push(piece, patience)) {
            if (sign_.halt())
                return;
        }
        if (sign_.halt())
            return;
    }
}

void archiver::join() {
    tasks_.close();
    for (std::thread &thread : threads_)
        thread.join();
    threads_.clear();
    if (broken_)
        std::rethrow_exception(broken_);
}

void archiver::work() {
    try {
        codec with;
        std::string buffer;
        while (std::optional<task> piece = tasks_.pop()) {
            // The rest of the queue is let go of without a look.
            if (!sign_.halt())
                take(*piece, with, buffer);
        }
    } catch (...) {
        std::lock_guard<std::mutex> guard(mutex_);
        if (!broken_)
            broken_ = std::current_exception();
        sign_.give_up();
        // The others empty the queue; this one must not stop doing so either.
    }
    while (tasks_.pop()) {
    }
}

void archiver::take(const task &piece, codec &with, std::string &buffer) {
    open_file &file = *piece.file;
    std::uint64_t from = static_cast<std::uint64_t>(piece.number) * chunk_size;
    std::uint64_t expected = std::min<std::uint64_t>(chunk_size, file.made.size - from);
    limit_.pass(expected, sign_);
    if (sign_.halt())
        return;
    buffer.resize(static_cast<std::size_t>(expected));
    if (!file.lost.load(std::memory_order_relaxed)) {
        try {
            if (!read(piece, buffer))
                return;
        } catch (const failure &trouble) {
            lose(file, trouble.what());
        }
    }
    if (!file.lost.load(std::memory_order_relaxed)) {
        digest name = digest::of(buffer.data(), buffer.size());
        chunk_store::kept kept = store_.put(name, buffer, with, sign_);
        if (kept.what == chunk_store::fate::abandoned)
            return;
        if (kept.what == chunk_store::fate::stored) {
            progress_.chunks_stored.fetch_add(1, std::memory_order_relaxed);
            progress_.bytes_stored.fetch_add(kept.bytes, std::memory_order_relaxed);
        } else {
            progress_.chunks_reused.fetch_add(1, std::memory_order_relaxed);
        }
        file.made.chunks[piece.number] = name;
        file.size.fetch_add(buffer.size(), std::memory_order_relaxed);
    }
    progress_.bytes_done.fetch_add(expected, std::memory_order_relaxed);
    if (file.left.fetch_sub(1, std::memory_order_acq_rel) == 1)
        finish(file);
}

/// False where it was told to abandon. A file that shrank gives less.
bool archiver::read(const task &piece, std::string &buffer) {
    const open_file &file = *piece.file;
    off_t from = static_cast<off_t>(piece.number * chunk_size);
    std::size_t done = 0;
    while (done < buffer.size()) {
        if (sign_.abandon())
            return false;
        std::size_t wanted = std::min(read_step, buffer.size() - done);
        std::size_t got = read_at(file.file, buffer.data() + done, wanted,
                                  from + static_cast<off_t>(done), file.path);
        done += got;
        if (got < wanted)
            break;
    }
    buffer.resize(done);
    return true;
}

void archiver::lose(open_file &file, const std::string &why) {
    if (file.lost.exchange(true, std::memory_order_relaxed))
        return;
    {
        std::lock_guard<std::mutex> guard(mutex_);
        lost_.insert(&file.made);
    }
    unreadable_(why);
}

void archiver::finish(open_file &file) {
    progress_.files_done.fetch_add(1, std::memory_order_relaxed);
    if (file.lost.load(std::memory_order_relaxed))
        return;
    struct stat after {};
    if (::fstat(file.file.get(), &after) != 0 || changed(file.found, after))
        note_("changed while it was read: " + printable(file.path));
    file.made.size = file.size.load(std::memory_order_relaxed);
}

} // namespace qbackup
