// Finds what there is to back up, before any of it is read.
#ifndef QBACKUP_WALKER_HPP
#define QBACKUP_WALKER_HPP

#include <sys/stat.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "manifest.hpp"
#include "stop_sign.hpp"

namespace qbackup {

/// Real paths of the sources, without those that lie within another. Throws
/// where one is missing or lies within the repository.
std::vector<std::string> real_sources(const std::vector<std::string> &given,
                                      const std::string &repository_path);

class walker {
  public:
    /// `skip`: the repository's own directory. `unreadable` is called with a
    /// sentence for each thing that could not be looked at, `note` for each
    /// that is left out on purpose.
    walker(const std::string &skip, const stop_sign &sign,
           std::function<void(const std::string &)> unreadable,
           std::function<void(const std::string &)> note);

    /// Adds a source and all below it. False where it was halted.
    bool add(const std::string &source);
    std::vector<entry> &entries() noexcept { return entries_; }

  private:
    using inode = std::pair<dev_t, ino_t>;

    void look(const std::string &path);
    void add_link(entry made, const std::string &path);
    void list(const std::string &path);

    inode skip_;
    const stop_sign &sign_;
    std::function<void(const std::string &)> unreadable_;
    std::function<void(const std::string &)> note_;
    std::vector<entry> entries_;
    /// Paths still to be looked at; the next one last.
    std::vector<std::string> waiting_;
    /// Files of several names, by the first one found.
    std::map<inode, std::string> linked_;
};

/// The parts of an entry that a look at the file gives.
void fill_in(entry &made, const struct stat &found);

} // namespace qbackup

#endif
