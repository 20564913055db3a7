#include "running.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "failure.hpp"
#include "text.hpp"

namespace qbackup {

namespace {

constexpr std::array<char, 8> expected_magic{'Q', 'B', 'A', 'C', 'K', 'U', 'P', '\0'};
constexpr std::uint32_t expected_version = 1;

/// The code that a dead create's operation is ended with.
constexpr std::uint32_t owner_died = EOWNERDEAD;

/// A look from outside takes the lock for a moment too, so one refusal is not
/// yet another create.
bool lock(const descriptor &file, const std::string &path) {
    for (int attempt = 0; attempt < 10; ++attempt) {
        if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            throw_errno("cannot lock " + printable(path));
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

off_t size_of(const descriptor &file, const std::string &path) {
    struct stat found {};
    if (::fstat(file.get(), &found) != 0)
        throw_errno("cannot look at " + printable(path));
    return found.st_size;
}

slot *map(const descriptor &file, bool writable, const std::string &path) {
    void *memory = ::mmap(nullptr, sizeof(slot), writable ? PROT_READ | PROT_WRITE : PROT_READ,
                          MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED)
        throw_errno("cannot map " + printable(path));
    return static_cast<slot *>(memory);
}

[[noreturn]] void throw_strange(const std::string &path, const char *why) {
    throw_damaged(printable(path) + " is not one of this program's (" + why +
                  "); if no create is running, remove it and try again");
}

} // namespace

process slot::holder() const {
    return {static_cast<std::uint32_t>(pid.load(std::memory_order_acquire)),
            started.load(std::memory_order_relaxed), boot.load(std::memory_order_relaxed)};
}

bool slot::note_request(std::uint64_t now) noexcept {
    std::uint64_t none = 0;
    return asked_at.compare_exchange_strong(none, now, std::memory_order_relaxed);
}

running running::take(const std::string &path) {
    descriptor file = open_file(path, O_RDWR | O_CREAT, 0666);
    if (!lock(file, path))
        throw not_now("another create is running in this repository");
    off_t size = size_of(file, path);
    if (size != 0 && size != sizeof(slot))
        throw_strange(path, "wrong size");
    if (size == 0) {
        // The blocks are taken now: a page that finds no room when it is
        // first written to would be a SIGBUS.
        int told = ::posix_fallocate(file.get(), 0, sizeof(slot));
        if (told != 0) {
            (void)!::ftruncate(file.get(), 0);
            errno = told;
            throw_errno("cannot make " + printable(path));
        }
    }
    running taken(std::move(file), nullptr);
    taken.slot_ = map(taken.file_, true, path);
    slot &page = taken.page();
    // A file of nothing but zeroes: its maker died before it wrote the magic.
    if (page.magic == std::array<char, 8>{}) {
        page.version = expected_version;
        page.size = sizeof(slot);
        std::atomic_thread_fence(std::memory_order_release);
        page.magic = expected_magic;
    }
    if (page.magic != expected_magic)
        throw_strange(path, "wrong magic");
    if (page.version != expected_version || page.size != sizeof(slot))
        throw_strange(path, "another version");
    return taken;
}

std::optional<running> running::look(const std::string &path, bool writable) {
    descriptor file(::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC));
    if (!file && errno == ENOENT)
        return std::nullopt;
    if (!file)
        throw_errno("cannot open " + printable(path));
    off_t size = size_of(file, path);
    if (size == 0)
        return std::nullopt;
    if (size != sizeof(slot))
        throw_strange(path, "wrong size");
    running seen(std::move(file), nullptr);
    seen.slot_ = map(seen.file_, writable, path);
    slot &page = seen.page();
    if (page.magic == std::array<char, 8>{})
        return std::nullopt;
    if (page.magic != expected_magic)
        throw_strange(path, "wrong magic");
    if (page.version != expected_version)
        throw_strange(path, "another version");
    return seen;
}

running::~running() {
    if (slot_ != nullptr)
        ::munmap(slot_, sizeof(slot));
}

std::optional<remains> running::clear() const {
    quell::owner owner = quell::owner::adopt(slot_->op);
    quell::status seen{};
    if (owner.look(seen) != quell::verdict::ok || seen.phase == quell::phase::vacant)
        return std::nullopt;
    std::optional<remains> dead;
    if (!seen.ended()) {
        dead = remains{slot_->pid.load(std::memory_order_relaxed), seen.phase, seen.level};
        // `bad_state` where a cancel of a pending one came in between.
        (void)owner.force(owner_died);
    }
    if (owner.retire() != quell::verdict::ok)
        throw_damaged("the last create's operation cannot be retired");
    return dead;
}

void running::enter() const {
    process self = process::self();
    slot_->pid.store(0, std::memory_order_relaxed);
    slot_->started.store(self.started, std::memory_order_relaxed);
    slot_->boot.store(self.boot, std::memory_order_relaxed);
    slot_->asked_at.store(0, std::memory_order_relaxed);
    slot_->ended_at.store(0, std::memory_order_relaxed);
    counters &progress = slot_->progress;
    for (shared_number *number :
         {&progress.bytes_total, &progress.bytes_done, &progress.files_total,
          &progress.files_done, &progress.chunks_stored, &progress.bytes_stored,
          &progress.chunks_reused})
        number->store(0, std::memory_order_relaxed);
    slot_->pid.store(self.pid, std::memory_order_release);
}

void running::leave() const noexcept { slot_->pid.store(0, std::memory_order_release); }

bool running::held() const {
    if (slot_->holder().alive())
        return true;
    // Seen from another container a living process has another number or
    // none; its lock is the same everywhere.
    if (slot_->holder().pid == 0)
        return false;
    if (::flock(file_.get(), LOCK_SH | LOCK_NB) == 0) {
        (void)::flock(file_.get(), LOCK_UN);
        return false;
    }
    return errno == EWOULDBLOCK;
}

} // namespace qbackup
