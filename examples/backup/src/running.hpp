// The file `running` of a repository: the one create that may run there, as
// every process sees it.
//
// It is mapped, and the operation itself lies in it: quell's 8 bytes hold no
// address, so a cancel from another process is the same compare-and-swap as
// one from a signal handler. An exclusive flock tells two creates apart. A
// create that dies loses its lock but leaves the operation as it was, and the
// next one to take the lock says so and ends it.
//
// Order of a life: lock; end and retire what is left; write who runs; arm ...
// end; take the name away; unlock. So whoever finds a living process's name
// here finds its operation too, or a vacant one, never an older one's end.
// The ended operation stays until the next create, for those who wait for it.
#ifndef QBACKUP_RUNNING_HPP
#define QBACKUP_RUNNING_HPP

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include <quell.hpp>

#include "file.hpp"
#include "process.hpp"

namespace qbackup {

using shared_number = std::atomic<std::uint64_t>;
static_assert(shared_number::is_always_lock_free, "shared between processes");

/// How far it is. Counted by the worker threads, read by anybody.
struct counters {
    shared_number bytes_total, bytes_done;
    shared_number files_total, files_done;
    shared_number chunks_stored, bytes_stored, chunks_reused;
};

/// The bytes of the file.
struct slot {
    std::array<char, 8> magic;
    std::uint32_t version;
    std::uint32_t size;
    quell_op_t op;
    shared_number pid, started, boot;
    /// monotonic_now() of the first request, and of the end.
    shared_number asked_at, ended_at;
    counters progress;

    process holder() const;
    /// Before a request is made: its time, unless one stands.
    /// Returns whether it was taken. Async-signal-safe.
    bool note_request(std::uint64_t now) noexcept;
};
static_assert(sizeof(slot) == 120, "another layout is another version");

/// What a create that died left behind.
struct remains {
    std::uint64_t pid;
    quell::phase phase;
    quell::level level;
};

class running {
  public:
    /// Takes the lock for this process; throws not_now where another has it.
    static running take(const std::string &path);
    /// Looks from outside: nothing where no create ever ran.
    static std::optional<running> look(const std::string &path, bool writable);

    running(running &&other) noexcept
        : file_(std::move(other.file_)), slot_(std::exchange(other.slot_, nullptr)) {}
    running(const running &) = delete;
    running &operator=(const running &) = delete;
    running &operator=(running &&) = delete;
    ~running();

    slot &page() const noexcept { return *slot_; }
    /// For the holder of the lock: ends and retires what an earlier create
    /// left. Returns it where that one died.
    std::optional<remains> clear() const;
    /// For the holder of the lock: this process runs here from now on.
    void enter() const;
    void leave() const noexcept;
    /// Whether somebody runs here now.
    bool held() const;

  private:
    running(descriptor file, slot *mapped) noexcept : file_(std::move(file)), slot_(mapped) {}

    descriptor file_;
    slot *slot_;
};

} // namespace qbackup

#endif
