#include "walker.hpp"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "failure.hpp"
#include "text.hpp"

namespace qbackup {

namespace {

std::string sentence(const char *doing, const std::string &path) {
    return std::string(doing) + " " + printable(path) + ": " + std::strerror(errno);
}

/// Whether `path` is `other` or lies below it.
bool is_within(const std::string &path, const std::string &other) {
    if (other == "/")
        return true;
    return path.compare(0, other.size(), other) == 0 &&
           (path.size() == other.size() || path[other.size()] == '/');
}

std::string join(const std::string &directory, const std::string &name) {
    return directory == "/" ? "/" + name : directory + "/" + name;
}

} // namespace

std::vector<std::string> real_sources(const std::vector<std::string> &given,
                                      const std::string &repository_path) {
    std::vector<std::string> found;
    for (const std::string &source : given) {
        std::unique_ptr<char, void (*)(void *)> path(::realpath(source.c_str(), nullptr),
                                                     ::free);
        if (!path) {
            int code = errno;
            throw failure(code, sentence("cannot find the source", source));
        }
        if (!repository_path.empty() && is_within(path.get(), repository_path))
            throw failure(EINVAL,
                          "the source " + printable(source) + " lies in the repository");
        found.emplace_back(path.get());
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> kept;
    for (const std::string &path : found) {
        bool covered = std::any_of(kept.begin(), kept.end(), [&](const std::string &other) {
            return is_within(path, other);
        });
        if (!covered)
            kept.push_back(path);
    }
    return kept;
}

void fill_in(entry &made, const struct stat &found) {
    made.mode = static_cast<std::uint32_t>(found.st_mode & 07777);
    made.uid = static_cast<std::uint32_t>(found.st_uid);
    made.gid = static_cast<std::uint32_t>(found.st_gid);
    made.seconds = found.st_mtim.tv_sec;
    made.nanoseconds = found.st_mtim.tv_nsec;
    if (S_ISREG(found.st_mode))
        made.size = static_cast<std::uint64_t>(found.st_size);
}

walker::walker(const std::string &skip, const stop_sign &sign,
               std::function<void(const std::string &)> unreadable,
               std::function<void(const std::string &)> note)
    : sign_(sign), unreadable_(std::move(unreadable)), note_(std::move(note)) {
    struct stat found {};
    if (::stat(skip.c_str(), &found) != 0)
        throw_errno("cannot look at " + printable(skip));
    skip_ = {found.st_dev, found.st_ino};
}

bool walker::add(const std::string &source) {
    waiting_.push_back(source);
    while (!waiting_.empty()) {
        if (sign_.halt())
            return false;
        std::string path = std::move(waiting_.back());
        waiting_.pop_back();
        look(path);
    }
    return true;
}

void walker::look(const std::string &path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) {
        unreadable_(sentence("cannot look at", path));
        return;
    }
    entry made;
    made.path = path.substr(1);
    fill_in(made, found);
    switch (found.st_mode & S_IFMT) {
    case S_IFDIR:
        if (inode{found.st_dev, found.st_ino} == skip_) {
            note_("left out, the repository itself: " + printable(path));
            return;
        }
        made.what = kind::directory;
        entries_.push_back(std::move(made));
        list(path);
        return;
    case S_IFLNK:
        add_link(std::move(made), path);
        return;
    case S_IFREG:
        if (found.st_nlink > 1) {
            auto [first, is_first] =
                linked_.emplace(inode{found.st_dev, found.st_ino}, made.path);
            if (!is_first) {
                made.what = kind::hard_link;
                made.target = first->second;
                made.size = 0;
            }
        }
        entries_.push_back(std::move(made));
        return;
    default:
        note_("left out, neither file, directory nor symlink: " + printable(path));
    }
}

void walker::add_link(entry made, const std::string &path) {
    std::array<char, PATH_MAX> text{};
    ssize_t size = ::readlink(path.c_str(), text.data(), text.size());
    if (size < 0) {
        unreadable_(sentence("cannot read the symlink", path));
        return;
    }
    made.what = kind::symlink;
    made.target.assign(text.data(), static_cast<std::size_t>(size));
    entries_.push_back(std::move(made));
}

void walker::list(const std::string &path) {
    std::unique_ptr<DIR, int (*)(DIR *)> stream(::opendir(path.c_str()), ::closedir);
    if (!stream) {
        unreadable_(sentence("cannot list", path));
        return;
    }
    std::size_t begin = waiting_.size();
    for (;;) {
        errno = 0;
        const dirent *found = ::readdir(stream.get());
        if (found == nullptr && errno != 0)
            unreadable_(sentence("cannot list all of", path));
        if (found == nullptr)
            break;
        std::string name = found->d_name;
        if (name != "." && name != "..")
            waiting_.push_back(join(path, name));
    }
    // Taken from the end, so that entries come in order.
    std::sort(waiting_.begin() + static_cast<std::ptrdiff_t>(begin), waiting_.end(),
              std::greater<>());
}

} // namespace qbackup
