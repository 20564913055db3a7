// What a snapshot holds.
#ifndef QBACKUP_MANIFEST_HPP
#define QBACKUP_MANIFEST_HPP

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "chunk_store.hpp"
#include "digest.hpp"
#include "repository.hpp"

namespace qbackup {

enum class kind { directory, file, symlink, hard_link };

struct entry {
    /// Absolute, without the leading slash. Any bytes.
    std::string path;
    kind what = kind::file;
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint64_t size = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    /// Of a symlink: its text; of a hard link: the path of the first one.
    std::string target;
    std::vector<digest> chunks;
};

struct manifest {
    std::string id;
    std::string name;
    std::string host;
    std::vector<std::string> sources;
    /// A directory before what is in it, a file before its hard links.
    std::vector<entry> entries;

    std::uint64_t files() const noexcept;
    std::uint64_t bytes() const noexcept;
};

/// Throws where it is damaged, or holds a path that leads out of a target.
manifest load_manifest(const repository &home, const std::string &id);

} // namespace qbackup

#endif
