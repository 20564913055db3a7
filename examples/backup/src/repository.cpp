#include "repository.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "failure.hpp"
#include "file.hpp"
#include "hex.hpp"
#include "text.hpp"

namespace qbackup {

namespace {

constexpr const char *format_text = "qbackup repository, version 1\n";
constexpr const char *format_name = "qbackup repository, version ";
constexpr const char *manifest_end = ".json";

std::vector<std::string> names_in(const std::string &path) {
    std::unique_ptr<DIR, int (*)(DIR *)> stream(::opendir(path.c_str()), ::closedir);
    if (!stream)
        throw_errno("cannot list " + printable(path));
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const dirent *found = ::readdir(stream.get());
        if (found == nullptr && errno != 0)
            throw_errno("cannot list " + printable(path));
        if (found == nullptr)
            break;
        std::string name = found->d_name;
        if (name != "." && name != "..")
            names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// The directories that chunks are spread over.
std::vector<std::string> chunk_directories(const std::string &path) {
    std::vector<std::string> found;
    for (unsigned value = 0; value < 256; ++value)
        append_hex(found.emplace_back(path + "/chunks/"), static_cast<unsigned char>(value));
    return found;
}

std::string real(const std::string &path) {
    std::unique_ptr<char, void (*)(void *)> found(::realpath(path.c_str(), nullptr), ::free);
    if (!found)
        throw_errno("cannot find " + printable(path));
    return found.get();
}

void check_format(const std::string &path) {
    std::string text = read_whole(path + "/format");
    if (text == format_text)
        return;
    if (text.rfind(format_name, 0) != 0)
        throw_damaged(printable(path) + " is no qbackup repository: its format is unknown");
    std::string version = text.substr(std::string(format_name).size());
    version.erase(version.find_last_not_of('\n') + 1);
    throw failure(EPROTONOSUPPORT, printable(path) + " is a repository of version " +
                                       printable(version) + "; this program knows version 1");
}

/// May be begun anew by the next one: the format comes last.
void make(const std::string &path) {
    for (const char *part : {"/chunks", "/snapshots", "/tmp"})
        make_directory(path + part);
    for (const std::string &directory : chunk_directories(path))
        make_directory(directory);
    {
        std::string unfinished = path + "/tmp/format";
        (void)::unlink(unfinished.c_str());
        temporary format(unfinished);
        write_all(format.file(), format_text, std::string(format_text).size(), format.path());
        sync_file(format.file(), format.path());
        format.publish(path + "/format");
    }
    sync_directory(path);
}

/// Whether all that lies there is what a maker that died may have left.
bool is_unfinished(const std::string &path) {
    std::vector<std::string> names = names_in(path);
    return std::all_of(names.begin(), names.end(), [](const std::string &name) {
        return name == "chunks" || name == "snapshots" || name == "tmp" || name == "running";
    });
}

} // namespace

repository repository::open(const std::string &path) {
    std::string found = real(path);
    if (!exists(found + "/format"))
        throw failure(ENOENT, printable(path) + " is no qbackup repository");
    check_format(found);
    return repository(found);
}

std::string repository::prepare(const std::string &path) {
    make_directory(path);
    std::string found = real(path);
    if (exists(found + "/format"))
        check_format(found);
    else if (!is_unfinished(found))
        throw failure(ENOTEMPTY,
                      printable(path) + " is neither a qbackup repository nor empty");
    return found;
}

repository repository::open_or_make(const std::string &path) {
    if (!exists(path + "/format"))
        make(path);
    return open(path);
}

std::string repository::chunk_path(const digest &name) const {
    std::string hex = name.hex();
    return path_ + "/chunks/" + hex.substr(0, 2) + "/" + hex;
}

std::string repository::manifest_path(const std::string &id) const {
    return path_ + "/snapshots/" + id + manifest_end;
}

std::vector<std::string> repository::snapshots() const {
    std::vector<std::string> ids;
    for (std::string &name : names_in(path_ + "/snapshots")) {
        std::size_t end = std::string(manifest_end).size();
        if (name.size() > end && name.compare(name.size() - end, end, manifest_end) == 0)
            ids.push_back(name.substr(0, name.size() - end));
    }
    return ids;
}

std::string repository::resolve(const std::string &wanted) const {
    std::vector<std::string> ids = snapshots();
    if (wanted == "latest") {
        if (ids.empty())
            throw failure(ENOENT, "there is no snapshot in this repository");
        return ids.back();
    }
    if (!std::binary_search(ids.begin(), ids.end(), wanted))
        throw failure(ENOENT, "there is no snapshot " + printable(wanted));
    return wanted;
}

std::vector<std::string> repository::chunk_files() const {
    std::vector<std::string> found;
    for (const std::string &directory : chunk_directories(path_)) {
        for (const std::string &name : names_in(directory))
            found.push_back(directory + "/" + name);
    }
    return found;
}

std::vector<std::string> repository::temporaries() const { return names_in(path_ + "/tmp"); }

std::size_t repository::clear_temporaries() const {
    std::vector<std::string> names = temporaries();
    for (const std::string &name : names) {
        if (::unlink(temporary_path(name).c_str()) != 0 && errno != ENOENT)
            throw_errno("cannot remove " + printable(temporary_path(name)));
    }
    return names.size();
}

void repository::sync() const {
    descriptor directory = open_file(path_, O_RDONLY | O_DIRECTORY);
    if (::syncfs(directory.get()) != 0)
        throw_errno("cannot bring to the disk " + printable(path_));
}

} // namespace qbackup
