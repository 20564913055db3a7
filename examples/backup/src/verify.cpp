#include <iostream>
#include <unordered_map>

#include "chunk_store.hpp"
#include "codec.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "failure.hpp"
#include "job.hpp"
#include "manifest.hpp"
#include "repository.hpp"
#include "text.hpp"

namespace qbackup {

namespace {

class verifier {
  public:
    verifier(const repository &home, job &work) : home_(home), work_(work) {}

    void check_snapshot(const std::string &id) {
        try {
            manifest snapshot = load_manifest(home_, id);
            work_.progress().files_total.fetch_add(snapshot.files());
            work_.progress().bytes_total.fetch_add(snapshot.bytes());
            for (const entry &item : snapshot.entries) {
                if (work_.halt())
                    return;
                check_entry(id, item);
            }
        } catch (const failure &damage) {
            complain(damage.what());
        }
        ++snapshots_;
    }

    /// The chunks that no manifest speaks of: kept for the next create.
    void check_rest() {
        for (const std::string &path : home_.chunk_files()) {
            if (work_.halt())
                return;
            std::optional<digest> name = name_of(path);
            if (!name) {
                complain(printable(path) + " is no chunk");
                continue;
            }
            if (sizes_.count(*name) != 0)
                continue;
            ++unreferenced_;
            if (!size_of(*name))
                complain("the chunk " + name->hex() + ", which no snapshot needs, is damaged");
        }
    }

    int report() const {
        std::cout << "verified: " << snapshots_
                  << (snapshots_ == 1 ? " snapshot, " : " snapshots, ") << sizes_.size()
                  << " chunks, " << human_size(bytes_) << "; unreferenced: " << unreferenced_
                  << " chunks; damage: " << complaints_ << std::endl;
        if (complaints_ != 0)
            std::cerr
                << "qbackup: a damaged chunk is stored anew by the next create that finds its "
                   "data, once its file is removed\n";
        return complaints_ == 0 ? exit_code::done : exit_code::error;
    }

  private:
    std::optional<digest> name_of(const std::string &path) const {
        try {
            digest name = digest::from_hex(path.substr(path.rfind('/') + 1));
            if (home_.chunk_path(name) == path)
                return name;
        } catch (const failure &) {
            // Not the name of a chunk.
        }
        return std::nullopt;
    }

    void check_entry(const std::string &id, const entry &item) {
        if (item.what != kind::file)
            return;
        std::uint64_t sum = 0;
        for (const digest &name : item.chunks) {
            if (work_.halt())
                return;
            std::optional<std::uint64_t> size = size_of(name);
            if (!size) {
                complain("the chunk " + name.hex() + " is missing or damaged: " + id +
                         " needs it for " + printable("/" + item.path));
                return;
            }
            sum += *size;
            work_.progress().bytes_done.fetch_add(*size);
        }
        work_.progress().files_done.fetch_add(1);
        if (sum != item.size)
            complain("the chunks of " + printable("/" + item.path) + " in " + id +
                     " are not of the file's size");
    }

    /// Of the plain data; nothing where it is missing or damaged. Each chunk
    /// is read once.
    std::optional<std::uint64_t> size_of(const digest &name) {
        auto known = sizes_.find(name);
        if (known != sizes_.end())
            return known->second;
        std::optional<std::uint64_t> size;
        try {
            if (std::optional<std::string_view> plain = chunk_store::get(home_, name, codec_))
                size = plain->size();
        } catch (const failure &trouble) {
            complain(trouble.what());
        }
        bytes_ += size.value_or(0);
        return sizes_[name] = size;
    }

    void complain(const std::string &what) {
        ++complaints_;
        std::cerr << "qbackup: " << what << '\n';
    }

    const repository &home_;
    job &work_;
    codec codec_;
    std::unordered_map<digest, std::optional<std::uint64_t>, digest_hash> sizes_;
    std::uint64_t snapshots_ = 0, unreferenced_ = 0, complaints_ = 0, bytes_ = 0;
};

} // namespace

int verify(const std::string &path, const std::string &snapshot) {
    repository home = repository::open(path);
    job work(home.running_path(), job_kind::verify);
    verifier eyes(home, work);
    if (!snapshot.empty()) {
        eyes.check_snapshot(home.resolve(snapshot));
        return work.end(eyes.report(), quell::effects::none);
    }
    for (const std::string &id : home.snapshots())
        eyes.check_snapshot(id);
    eyes.check_rest();
    return work.end(eyes.report(), quell::effects::none);
}

} // namespace qbackup
