// The file `running` of a repository: the jobs that run there, as every
// process sees them.
//
// It is mapped, and holds a quell table: one slot for each job, with the
// operation itself in it. quell's table holds no address, so a cancel from
// another process is the same compare-and-swap as one from a signal handler.
// Beside each slot, by the same index, lies a page with the job's name and
// numbers.
//
// Who lives is the kernel's word, not a number's: each process with a job has
// a lock on a byte of its own, and the number of that byte is the owner of its
// slot. A process that dies loses the lock and leaves its operation as it was;
// whoever begins the next job finds it so, ends it by force and says so.
//
// Beginning is done behind a lock, the door, so that one process at a time
// clears up. The ended operation stays in its slot until then, for those who
// wait for it; they hold the slot meanwhile.
#ifndef QBACKUP_RUNNING_HPP
#define QBACKUP_RUNNING_HPP

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <quell.hpp>

#include "file.hpp"

namespace qbackup {

using shared_number = std::atomic<std::uint64_t>;
static_assert(shared_number::is_always_lock_free, "shared between processes");

/// How far it is. Counted by the worker threads, read by anybody.
struct counters {
    shared_number bytes_total, bytes_done;
    shared_number files_total, files_done;
    shared_number chunks_stored, bytes_stored, chunks_reused;
};

enum class job_kind : std::uint64_t { create = 1, verify = 2, restore = 3 };

/// As "create".
const char *name(job_kind what) noexcept;

/// What lies beside an operation.
struct page {
    std::atomic<job_kind> what;
    /// For people: it may be another process's by now.
    shared_number pid;
    /// monotonic_now() of the first request, and of the end.
    shared_number asked_at, ended_at;
    counters progress;

    void begin(job_kind kind) noexcept;
    /// Before a request is made: its time, unless one stands.
    /// Returns whether it was taken. Async-signal-safe.
    bool note_request(std::uint64_t now) noexcept;
};

/// The bytes of the file.
struct shared_jobs {
    static constexpr std::uint32_t slots = 15;

    std::array<char, 8> magic;
    std::uint32_t version, size;
    /// The number of the last job.
    shared_number last;
    std::array<std::uint32_t, QUELL_TABLE_STORAGE(slots) / sizeof(std::uint32_t)> table;
    std::array<page, slots> pages;
};
static_assert(sizeof(page) == 88 && sizeof(shared_jobs) == 1736,
              "another layout is another version");

/// What a job that died left behind.
struct remains {
    std::uint32_t id;
    job_kind what;
    std::uint64_t pid;
    quell::phase phase;
    quell::level level;
};

class running {
  public:
    /// Opens the door of this repository's file, which is made if need be. A
    /// create throws not_now where another one runs.
    static running take(const std::string &path, job_kind what);
    /// Looks from outside: nothing where no job ever ran.
    static std::optional<running> look(const std::string &path, bool writable);

    running(running &&other) noexcept
        : file_(std::move(other.file_)), jobs_(std::exchange(other.jobs_, nullptr)),
          table_(other.table_), self_(other.self_) {}
    running(const running &) = delete;
    running &operator=(const running &) = delete;
    running &operator=(running &&) = delete;
    ~running();

    const quell::table_view &table() const noexcept { return table_; }
    page &beside(std::uint32_t slot) const noexcept { return jobs_->pages[slot]; }
    /// Whether the party of this number lives, by its lock.
    bool lives(std::uint32_t owner) const;

    /// Behind the door: ends and retires what others left. Returns those that
    /// died.
    std::vector<remains> clear() const;
    /// Behind the door: this process's job, and the door is shut.
    quell::tenant enter(job_kind what) const;

  private:
    running(descriptor file, shared_jobs *mapped) noexcept
        : file_(std::move(file)), jobs_(mapped) {}

    void make_or_check(const std::string &path);
    void take_number();

    descriptor file_;
    shared_jobs *jobs_;
    quell::table_view table_;
    /// This process's number as an owner; 0 for one that only looks.
    std::uint32_t self_ = 0;
};

} // namespace qbackup

#endif
