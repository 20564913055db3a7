// What happened, in order: the one source of every report and every finding.
//
// Written from every thread of the requester and of the simulator. At the process's end
// the other threads are gone, and one of them may have been in the middle of an entry:
// then there is nothing to be read any more, and the last report stands.
#ifndef VSS_SIMULATOR_JOURNAL_HPP
#define VSS_SIMULATOR_JOURNAL_HPP

#include "quell_com/backup_host.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace vss_simulator {

using quell::com::happening;

struct entry {
    happening what;
    /// From 1; zero: of none.
    std::uint32_t object;
    std::uint32_t operation;
    /// Stays in place: a literal.
    const char *method;
    std::uint32_t code;
    /// Whether quell was asked, and what it said.
    bool asked;
    quell::verdict verdict;
    /// backup_event::detail.
    std::uint32_t detail;
    std::uint32_t place;
    bool pending;
    std::uint32_t thread;
    /// Since the journal began.
    std::uint32_t at_ms;
    /// How long the call took; of calls that are one entry, the longest.
    std::uint32_t took_ms;
    /// How many equal calls in a row this entry stands for.
    std::uint32_t times;
};

/// A notice that a writer was told of.
struct telling {
    std::uint32_t object;
    std::uint32_t writer;
    quell::notice notice;
    std::uint32_t at_ms;
    /// Not yet answered: false, and the rest zero.
    bool answered;
    std::uint32_t answer;
    std::uint32_t took_ms;
};

/// What the provider did.
struct provided {
    std::uint32_t object;
    /// "ready", "commit", "delete".
    const char *step;
    std::uint32_t code;
    std::uint32_t at_ms;
};

class journal {
  public:
    struct content {
        std::vector<entry> entries;
        std::vector<telling> tellings;
        std::vector<provided> provider;
    };

    void note(const quell::com::backup_event &event);
    /// A call of no object's: CreateVssBackupComponents.
    void note_call(const char *method, std::uint32_t code, std::uint32_t object);
    /// Before a writer is told; names the telling for `answered`.
    std::size_t telling_begins(const void *object, std::uint32_t writer, quell::notice notice);
    void answered(std::size_t which, std::uint32_t answer);
    void provider_did(const void *object, const char *step, std::uint32_t code);

    std::uint32_t now_ms() const noexcept { return GetTickCount() - began_; }
    /// What it holds now.
    content read();
    /// The same, at the process's end; false where a thread died in the middle of an entry.
    bool read_at_end(content &into);

  private:
    /// Held by who writes. A thread that was stopped while it did leaves `writing_`.
    class guard {
      public:
        explicit guard(journal &of) noexcept : of_(of) {
            AcquireSRWLockExclusive(&of_.lock_);
            of_.writing_ = true;
        }
        guard(const guard &) = delete;
        guard &operator=(const guard &) = delete;
        ~guard() {
            of_.writing_ = false;
            ReleaseSRWLockExclusive(&of_.lock_);
        }

      private:
        journal &of_;
    };
    std::uint32_t number_of(std::unordered_map<const void *, std::uint32_t> &names,
                            std::uint32_t &last, const void *address);
    void add(entry made);
    entry *same_look(const entry &made);

    SRWLOCK lock_ = SRWLOCK_INIT;
    volatile bool writing_ = false;
    DWORD began_ = GetTickCount();
    content content_;
    // An address is a name until its object is destroyed; then it may be another's.
    std::unordered_map<const void *, std::uint32_t> objects_;
    std::unordered_map<const void *, std::uint32_t> operations_;
    std::uint32_t last_object_ = 0;
    std::uint32_t last_operation_ = 0;
    std::unordered_map<std::uint32_t, std::uint32_t> called_at_;
};

/// The name of quell's verdict.
const char *name_of(quell::verdict verdict);

} // namespace vss_simulator

#endif
