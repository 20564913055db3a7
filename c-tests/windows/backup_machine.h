// A machine whose backups are scripted: what a requester's test says of it, and
// asks it. For translation units that know nothing of quell.
#ifndef BACKUP_MACHINE_H
#define BACKUP_MACHINE_H

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <windows.h>

#include <vsbackup.h>
#include <vss.h>
#include <vsserror.h>

/// What a writer is told; and what the provider is.
enum told_what : unsigned {
    ON_PREPARE_BACKUP = 1,
    ON_PREPARE_SNAPSHOT = 2,
    ON_FREEZE = 3,
    ON_THAW = 4,
    ON_POST_SNAPSHOT = 5,
    ON_BACKUP_COMPLETE = 6,
    ON_ABORT = 7,
    ON_BACKUP_SHUTDOWN = 8,
    /// Of the provider: whether it is ready, and the snapshot itself.
    READY = 9,
    SNAPSHOT = 10,
    /// Of the machine: the other operations.
    IDENTIFY = 11,
    INQUIRE = 12,
    REVERT = 13,
    DELETE_SNAPSHOT = 14,
    /// The beginning of each operation's work.
    BEGIN = 15,
    /// The commit point of DoSnapshotSet, before anybody has been told of it.
    COMMITTED = 16,
};

/// In place of a writer's number.
constexpr unsigned PROVIDER = 1000;

struct machine_counts {
    /// How many times a writer was told of an abort once more; how many writers are
    /// frozen.
    unsigned repeated_aborts, left_frozen;
    /// Whether a writer was told two things at once.
    unsigned at_once;
    /// How many aborts writers were told of.
    unsigned aborts;
    /// How many snapshots were made, and are gone again.
    unsigned made, gone;
};

/// Three writers, a provider, a clock and a lock. Every backup object of it is
/// counted.
class machine {
  public:
    static std::unique_ptr<machine> make(unsigned writers = 3);
    virtual ~machine() = default;

    virtual HRESULT new_backup(IVssBackupComponents **into) = 0;
    /// From here on: returns `code` when told so.
    virtual void answers(unsigned who, told_what what, HRESULT code) = 0;
    /// When told so next, it calls this first.
    virtual void does(unsigned who, told_what what, std::function<void()> then) = 0;
    /// When told so next, it does not return until `let_go`.
    virtual void holds(unsigned who, told_what what) = 0;
    /// Waits until somebody is held.
    virtual void await_held() = 0;
    /// False: nobody was held.
    virtual bool let_go() = 0;
    /// From here on nobody is held.
    virtual void holds_nobody() = 0;
    /// Waits until it has been told so, not counting what was asked for before, or is
    /// held there. False: for five seconds it has not.
    virtual bool comes_to(unsigned who, told_what what) = 0;
    /// The provider stops when it is asked to; else it is deaf.
    virtual void provider_listens(bool listens) = 0;
    virtual void clock_passes(unsigned ms) = 0;
    virtual void limits(unsigned abort_ms, unsigned watch_ms) = 0;
    virtual void profile(unsigned raw) = 0;
    /// From here on no thread can be started.
    virtual void without_threads(bool without) = 0;

    /// What writers were told since it was asked last, in order: "0:Freeze", with
    /// `*` for all three; and "provider:…" of what the provider was asked.
    virtual std::string told() = 0;
    /// The same as pairs: a writer or PROVIDER, and what.
    virtual std::vector<std::pair<unsigned, unsigned>> take_told() = 0;
    /// What was reported of one method since it was asked last.
    virtual std::string report(const char *of) = 0;
    /// What quell said of the last AbortBackup: quell_verdict_t.
    virtual unsigned abort_verdict() = 0;
    virtual machine_counts counts() = 0;
    /// How many objects are alive; waits a moment until there are as many.
    virtual unsigned objects(unsigned expected) = 0;
    /// 1 where a set is under way.
    virtual unsigned locked() = 0;
};

#endif
