// One backup: the work of a create, from the walk to the snapshot.
//
// The main thread is the operation's one worker: it alone commits, finishes,
// fails and acknowledges. The threads that it sets to work only poll. What is
// cleaned up, and what is said, follows from what commit and finish answered,
// never from whether somebody asked: a request may come too late.
//
//   walk, store chunks, bring them to the disk, write the manifest beside
//   commit()        a request that came first: remove it, acknowledge
//   rename          the manifest has its name: the snapshot stands
//   finish()
#ifndef QBACKUP_BACKUP_HPP
#define QBACKUP_BACKUP_HPP

#include <future>
#include <optional>
#include <string>
#include <vector>

#include <quell.hpp>

#include "commands.hpp"
#include "console.hpp"
#include "manifest.hpp"
#include "repository.hpp"
#include "running.hpp"
#include "stop_sign.hpp"

namespace qbackup {

class backup {
  public:
    backup(const create_options &options, const repository &home, const quell_op_t &op,
           page &beside, std::vector<std::string> sources);

    /// Ends the operation, one way or another.
    void work(quell::worker &worker);

    bool stands() const noexcept { return stands_; }
    const std::string &id() const noexcept { return snapshot_.id; }
    /// Why it failed; empty where it did not.
    const std::string &trouble() const noexcept { return trouble_; }
    std::uint64_t unreadable() const noexcept { return console_.unreadable_count(); }

  private:
    void run(quell::worker &worker);
    bool prepare(std::optional<temporary> &written);
    bool walk();
    bool store();
    bool bring_to_disk();
    void drop_lost(const class archiver &threads);

    const create_options &options_;
    const repository &home_;
    page &page_;
    stop_sign sign_;
    console console_;
    manifest snapshot_;
    std::vector<std::string> sources_;
    /// Outlives the operation: a cancel does not wait for the disk.
    std::future<void> syncing_;
    std::string trouble_;
    bool stands_ = false;
};

} // namespace qbackup

#endif
