// The requests that reach a create from outside as signals: Ctrl-C, SIGTERM,
// the deadline's timer.
//
// The handler calls quell_cancel itself. It may: the call takes no lock and
// allocates nothing, so it is no matter what it interrupts. No thread waits
// for signals, no pipe carries them.
#ifndef QBACKUP_REQUESTS_HPP
#define QBACKUP_REQUESTS_HPP

#include <vector>

#include <quell.hpp>

#include "running.hpp"

namespace qbackup {

/// A request that was made, and what it was told.
struct request {
    quell::level level;
    quell::cause cause;
    quell::verdict verdict;
};

/// While it lives, signals are requests; after that they are not heard any
/// more, for the process has said how it ended. One in a process.
class listener {
  public:
    /// SIGINT asks gracefully, the second time at once; SIGTERM and SIGHUP
    /// ask at once, with the cause shutdown.
    listener(const quell::canceller &operation, page &beside);
    listener(const listener &) = delete;
    listener &operator=(const listener &) = delete;
    ~listener();

    /// Asks gracefully when so many seconds are over.
    void set_deadline(double seconds);
    /// What was asked so far, in order.
    std::vector<request> made() const;
};

} // namespace qbackup

#endif
