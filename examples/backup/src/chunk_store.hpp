// The chunks of a repository: each piece of data once, under its hash.
//
// A chunk appears under its name in one step (written beside, then renamed),
// so a process that is killed leaves whole chunks or none. After a power cut
// a chunk that no manifest speaks of may still be hollow: the disk was made
// to hold it only before its manifest was. Therefore a chunk is taken for
// stored only if a manifest speaks of it; any other is read and compared.
#ifndef QBACKUP_CHUNK_STORE_HPP
#define QBACKUP_CHUNK_STORE_HPP

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "codec.hpp"
#include "digest.hpp"
#include "repository.hpp"

namespace qbackup {

using digest_set = std::unordered_set<digest, digest_hash>;

class chunk_store {
  public:
    enum class fate { stored, reused, abandoned };
    struct kept {
        fate what;
        /// Of the stored file.
        std::uint64_t bytes;
    };

    /// `trusted`: the chunks that manifests speak of.
    chunk_store(const repository &home, digest_set trusted)
        : home_(home), trusted_(std::move(trusted)) {}

    /// Any thread; each with a codec of its own.
    kept put(const digest &name, std::string_view plain, codec &with, const stop_sign &sign);
    /// The data, or nothing where it is missing or damaged. Valid until the
    /// codec's next use.
    static std::optional<std::string_view> get(const repository &home, const digest &name,
                                               codec &with);

  private:
    bool claim(const digest &name);
    bool stands(const digest &name, codec &with) const;

    const repository &home_;
    const digest_set trusted_;
    std::mutex mutex_;
    /// What this run has dealt with, or is just dealing with.
    digest_set claimed_;
    std::atomic<std::uint64_t> next_temporary_{0};
};

} // namespace qbackup

#endif
