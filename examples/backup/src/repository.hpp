// The repository's directory and who lies where in it:
//
//   format             what this is, and the version of all the rest
//   chunks/ab/abcd...  pieces of files, compressed, named by their hash
//   snapshots/ID.json  manifests; a snapshot stands when its manifest does
//   tmp/               what is being written; whatever lies there is nobody's
//   running            the create that runs here now: running.hpp
#ifndef QBACKUP_REPOSITORY_HPP
#define QBACKUP_REPOSITORY_HPP

#include <cstddef>
#include <string>
#include <vector>

#include "digest.hpp"

namespace qbackup {

class repository {
  public:
    /// Throws where there is none, or one of another version.
    static repository open(const std::string &path);
    /// Makes sure of a directory that is a repository, or can become one; its
    /// real path.
    static std::string prepare(const std::string &path);
    /// For the holder of the lock: opens it, and makes it where it is none yet.
    static repository open_or_make(const std::string &path);

    const std::string &path() const noexcept { return path_; }
    static std::string running_path(const std::string &path) { return path + "/running"; }
    std::string running_path() const { return running_path(path_); }
    std::string chunk_path(const digest &name) const;
    std::string manifest_path(const std::string &id) const;
    std::string temporary_path(const std::string &name) const { return path_ + "/tmp/" + name; }

    /// Ids of all snapshots, the oldest first.
    std::vector<std::string> snapshots() const;
    /// The id that is meant by an id or by `latest`; throws where there is none.
    std::string resolve(const std::string &wanted) const;
    /// Paths of all that lies where chunks lie.
    std::vector<std::string> chunk_files() const;
    /// Names of what lies in tmp/.
    std::vector<std::string> temporaries() const;
    /// For the holder of the lock only.
    std::size_t clear_temporaries() const;
    /// Waits until all that was written so far is on the disk.
    void sync() const;

  private:
    explicit repository(std::string path) : path_(std::move(path)) {}

    std::string path_;
};

} // namespace qbackup

#endif
