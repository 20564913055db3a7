#include "running.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failure.hpp"
#include "file_lock.hpp"
#include "text.hpp"

namespace qbackup {

namespace {

constexpr std::array<char, 8> expected_magic{'Q', 'B', 'A', 'C', 'K', 'U', 'P', '\0'};
/// 1 had one operation and no table.
constexpr std::uint32_t expected_version = 2;

/// The code that a dead job's operation is ended with.
constexpr std::uint32_t owner_died = EOWNERDEAD;

/// The locks: bytes beyond the file's end, which need not exist.
constexpr off_t first_lock = 1 << 20;
constexpr off_t door = first_lock;
constexpr off_t only_create = first_lock + 1;
constexpr off_t number_of(std::uint32_t owner) { return first_lock + 16 + owner; }

off_t size_of(const descriptor &file, const std::string &path) {
    struct stat found {};
    if (::fstat(file.get(), &found) != 0)
        throw_errno("cannot look at " + printable(path));
    return found.st_size;
}

shared_jobs *map(const descriptor &file, bool writable, const std::string &path) {
    void *memory =
        ::mmap(nullptr, sizeof(shared_jobs), writable ? PROT_READ | PROT_WRITE : PROT_READ,
               MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED)
        throw_errno("cannot map " + printable(path));
    return static_cast<shared_jobs *>(memory);
}

[[noreturn]] void throw_strange(const std::string &path, const std::string &why) {
    throw_damaged(printable(path) + " is not one of this program's (" + why +
                  "); if no job runs in this repository, remove it and try again");
}

/// Says what another version's file is before its size is looked at, so that
/// it is called by its name.
void check_version(const descriptor &file, off_t size, const std::string &path) {
    struct {
        std::array<char, 8> magic;
        std::uint32_t version;
    } head{};
    if (read_at(file, &head, sizeof head, 0, path) == sizeof head &&
        head.magic == expected_magic && head.version != expected_version)
        throw_strange(path, "of version " + std::to_string(head.version) +
                                ", and this program knows version " +
                                std::to_string(expected_version));
    if (size != sizeof(shared_jobs))
        throw_strange(path, "wrong size");
}

bool is_made(const shared_jobs &jobs, const std::string &path) {
    if (jobs.magic == std::array<char, 8>{})
        return false;
    if (jobs.magic != expected_magic || jobs.size != sizeof(shared_jobs))
        throw_strange(path, "wrong magic");
    return true;
}

} // namespace

const char *name(job_kind what) noexcept {
    switch (what) {
    case job_kind::create:
        return "create";
    case job_kind::verify:
        return "verify";
    case job_kind::restore:
        return "restore";
    }
    return "job";
}

void page::begin(job_kind kind) noexcept {
    for (shared_number *number :
         {&asked_at, &ended_at, &progress.bytes_total, &progress.bytes_done,
          &progress.files_total, &progress.files_done, &progress.chunks_stored,
          &progress.bytes_stored, &progress.chunks_reused})
        number->store(0, std::memory_order_relaxed);
    what.store(kind, std::memory_order_relaxed);
    pid.store(static_cast<std::uint64_t>(::getpid()), std::memory_order_relaxed);
}

bool page::note_request(std::uint64_t now) noexcept {
    std::uint64_t none = 0;
    return asked_at.compare_exchange_strong(none, now, std::memory_order_relaxed);
}

running running::take(const std::string &path, job_kind what) {
    running taken(open_file(path, O_RDWR | O_CREAT, 0666), nullptr);
    if (!file_lock::wait_for(taken.file_, door))
        throw not_now("another job is beginning in this repository, and does not get on");
    taken.make_or_check(path);
    if (what == job_kind::create && !file_lock::take(taken.file_, only_create))
        throw not_now("another create is running in this repository");
    taken.take_number();
    return taken;
}

/// Behind the door, so its maker is alone with it.
void running::make_or_check(const std::string &path) {
    off_t size = size_of(file_, path);
    if (size == 0) {
        // The blocks are taken now: a page that finds no room when it is
        // first written to would be a SIGBUS.
        int told = ::posix_fallocate(file_.get(), 0, sizeof(shared_jobs));
        if (told != 0) {
            (void)!::ftruncate(file_.get(), 0);
            errno = told;
            throw_errno("cannot make " + printable(path));
        }
    } else {
        check_version(file_, size, path);
    }
    jobs_ = map(file_, true, path);
    auto *storage = jobs_->table.data();
    if (is_made(*jobs_, path)) {
        table_ = quell::table_view::attach(storage, sizeof jobs_->table, shared_jobs::slots);
        if (!table_)
            throw_strange(path, "its table is damaged");
        return;
    }
    // Nothing but zeroes, or a maker died before it wrote the magic.
    table_ = quell::table_view::make(storage, sizeof jobs_->table, shared_jobs::slots);
    jobs_->version = expected_version;
    jobs_->size = sizeof(shared_jobs);
    std::atomic_thread_fence(std::memory_order_release);
    jobs_->magic = expected_magic;
}

/// Numbers begin with 1; as many as there are slots.
void running::take_number() {
    for (std::uint32_t number = 1; number <= shared_jobs::slots; ++number) {
        if (file_lock::take(file_, number_of(number))) {
            self_ = number;
            return;
        }
    }
    throw not_now("as many jobs as can be are running in this repository");
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
    check_version(file, size, path);
    running seen(std::move(file), nullptr);
    seen.jobs_ = map(seen.file_, writable, path);
    if (!is_made(*seen.jobs_, path))
        return std::nullopt;
    std::atomic_thread_fence(std::memory_order_acquire);
    seen.table_ = quell::table_view::attach(seen.jobs_->table.data(), sizeof seen.jobs_->table,
                                            shared_jobs::slots);
    if (!seen.table_)
        throw_strange(path, "its table is damaged");
    return seen;
}

running::~running() {
    if (jobs_ != nullptr)
        ::munmap(jobs_, sizeof(shared_jobs));
}

bool running::lives(std::uint32_t owner) const {
    return owner != self_ && file_lock::is_taken(file_, number_of(owner));
}

std::vector<remains> running::clear() const {
    std::vector<remains> dead;
    // What an earlier process of this number left is dead, too.
    (void)table_.sweep([this](std::uint32_t owner) { return !lives(owner); });
    bool full = table_.counts().in_use == shared_jobs::slots;
    table_.each([&](const quell::table_entry &found) {
        if (lives(found.owner))
            return;
        quell::tenant left = table_.adopt(found.slot);
        if (!left)
            return;
        if (!found.status.ended()) {
            const page &of = beside(found.slot);
            dead.push_back({found.tag, of.what.load(std::memory_order_relaxed),
                            of.pid.load(std::memory_order_relaxed), found.status.phase,
                            found.status.level});
            // `bad_state` where a cancel of a pending one came in between.
            (void)left.force(owner_died);
        }
        // Somebody still reads how it ended, or died over it.
        if (found.holds != 0 && !full)
            return;
        if (found.holds != 0)
            (void)table_.release_all(left);
        if (table_.retire(left) != quell::verdict::ok)
            throw_damaged("the operation of job " + std::to_string(found.tag) +
                          " cannot be retired");
    });
    return dead;
}

quell::tenant running::enter(job_kind what) const {
    auto id = static_cast<std::uint32_t>(jobs_->last.fetch_add(1) + 1);
    quell::tenant taken = table_.claim(id, quell::mode::decisive, self_,
                                       [&](std::uint32_t slot) { beside(slot).begin(what); });
    file_lock::leave(file_, door);
    if (taken.refusal() == quell::verdict::full)
        throw not_now("as many jobs as can be are running in this repository");
    if (!taken)
        throw_damaged(std::string("the operation cannot be armed: ") +
                      quell::name(taken.refusal()));
    return taken;
}

} // namespace qbackup
