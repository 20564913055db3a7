#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <iostream>
#include <memory>
#include <unordered_set>

#include "chunk_store.hpp"
#include "codec.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "job.hpp"
#include "manifest.hpp"
#include "repository.hpp"
#include "text.hpp"

namespace qbackup {

namespace {

/// Puts entries below a directory that was empty. Symlinks come after all
/// files, so that no path of a manifest leads through one of them; what
/// directories are like comes last, so that making their contents neither
/// changes it nor is forbidden by it.
class restorer {
  public:
    restorer(const repository &home, std::string target, job &work)
        : home_(home), target_(std::move(target)), work_(work) {}

    int put(const manifest &snapshot) {
        work_.progress().files_total.store(snapshot.files());
        work_.progress().bytes_total.store(snapshot.bytes());
        make_parents(snapshot);
        each(snapshot, kind::directory, [this](const entry &item) { put_directory(item); });
        each(snapshot, kind::file, [this](const entry &item) { put_file(item); });
        each(snapshot, kind::hard_link, [this](const entry &item) { put_hard_link(item); });
        each(snapshot, kind::symlink, [this](const entry &item) { put_symlink(item); });
        for (auto item = snapshot.entries.rbegin(); item != snapshot.entries.rend(); ++item) {
            if (item->what == kind::directory)
                attempt(*item, [&] { dress(*item, 0); });
        }
        std::cout << "restored: " << done_ << " entries, " << human_size(bytes_) << " to "
                  << printable(target_) << "; not restored: " << complaints_ << std::endl;
        return complaints_ == 0 ? exit_code::done : exit_code::error;
    }

  private:
    std::string place_of(const std::string &path) const {
        return path.empty() ? target_ : target_ + "/" + path;
    }

    template <class Put> void each(const manifest &snapshot, kind what, Put put_one) {
        for (const entry &item : snapshot.entries) {
            if (work_.halt())
                return;
            if (item.what == what && attempt(item, [&] { put_one(item); }))
                ++done_;
        }
    }

    /// One entry's trouble is not the others', unless there is no room left.
    template <class Act> bool attempt(const entry &item, Act act) {
        try {
            act();
            return true;
        } catch (const failure &trouble) {
            if (trouble.code() == ENOSPC || trouble.code() == EDQUOT)
                throw;
            ++complaints_;
            std::cerr << "qbackup: not restored: " << printable("/" + item.path) << ": "
                      << trouble.what() << '\n';
            return false;
        }
    }

    /// The directories above the sources, of which a snapshot knows nothing.
    void make_parents(const manifest &snapshot) {
        for (const std::string &source : snapshot.sources) {
            for (std::size_t at = 1; (at = source.find('/', at)) != std::string::npos; ++at)
                make_directory(target_ + source.substr(0, at));
        }
    }

    void put_directory(const entry &item) {
        // Ours alone until it gets its own mode.
        if (!item.path.empty() && ::mkdir(place_of(item.path).c_str(), 0700) != 0 &&
            errno != EEXIST)
            throw_errno("cannot make the directory");
    }

    void put_file(const entry &item) {
        std::string path = place_of(item.path);
        // Without all its data it goes away again.
        temporary made(path);
        for (const digest &name : item.chunks) {
            std::optional<std::string_view> plain = chunk_store::get(home_, name, codec_);
            if (!plain)
                throw_damaged("the chunk " + name.hex() + " is missing or damaged");
            write_all(made.file(), plain->data(), plain->size(), path);
            bytes_ += plain->size();
            work_.progress().bytes_done.fetch_add(plain->size());
            if (work_.halt())
                throw failure(ECANCELED, "cancelled");
        }
        made.publish(path);
        dress(item, 0);
        work_.progress().files_done.fetch_add(1);
    }

    void put_hard_link(const entry &item) {
        if (::link(place_of(item.target).c_str(), place_of(item.path).c_str()) != 0)
            throw_errno("cannot link it to " + printable("/" + item.target));
    }

    void put_symlink(const entry &item) {
        if (::symlink(item.target.c_str(), place_of(item.path).c_str()) != 0)
            throw_errno("cannot make the symlink");
        dress(item, AT_SYMLINK_NOFOLLOW);
    }

    /// Owner (for root only), mode and time, in this order: a new owner takes
    /// bits of the mode away.
    void dress(const entry &item, int flags) {
        std::string path = place_of(item.path);
        if (::geteuid() == 0 && ::lchown(path.c_str(), item.uid, item.gid) != 0)
            throw_errno("cannot give it its owner");
        if (item.what != kind::symlink && ::chmod(path.c_str(), item.mode) != 0)
            throw_errno("cannot give it its mode");
        timespec kept{};
        kept.tv_nsec = UTIME_OMIT;
        timespec changed{};
        changed.tv_sec = item.seconds;
        changed.tv_nsec = item.nanoseconds;
        std::array<timespec, 2> times{kept, changed};
        if (::utimensat(AT_FDCWD, path.c_str(), times.data(), flags) != 0)
            throw_errno("cannot give it its time");
    }

    const repository &home_;
    const std::string target_;
    job &work_;
    codec codec_;
    std::uint64_t done_ = 0, complaints_ = 0, bytes_ = 0;
};

bool is_empty(const std::string &path) {
    std::unique_ptr<DIR, int (*)(DIR *)> stream(::opendir(path.c_str()), ::closedir);
    if (!stream)
        throw_errno("cannot list " + printable(path));
    while (const dirent *found = ::readdir(stream.get())) {
        if (std::strcmp(found->d_name, ".") != 0 && std::strcmp(found->d_name, "..") != 0)
            return false;
    }
    return true;
}

} // namespace

int restore(const std::string &path, const std::string &snapshot, const std::string &target) {
    repository home = repository::open(path);
    manifest wanted = load_manifest(home, home.resolve(snapshot));
    make_directory(target);
    if (!is_empty(target))
        throw failure(ENOTEMPTY, "the target " + printable(target) + " is not empty");
    job work(home.running_path(), job_kind::restore);
    int code = restorer(home, target, work).put(wanted);
    return work.end(code, quell::effects::partial);
}

} // namespace qbackup
