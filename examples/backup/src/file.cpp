#include "file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "failure.hpp"
#include "text.hpp"

namespace qbackup {

descriptor::~descriptor() {
    if (number_ >= 0)
        ::close(number_);
}

void descriptor::close(const std::string &path) {
    if (number_ >= 0 && ::close(std::exchange(number_, -1)) != 0)
        throw_errno("cannot close " + printable(path));
}

descriptor open_file(const std::string &path, int flags, mode_t mode) {
    descriptor file(::open(path.c_str(), flags | O_CLOEXEC, mode));
    if (!file)
        throw_errno("cannot open " + printable(path));
    return file;
}

void write_all(const descriptor &file, const void *data, std::size_t size,
               const std::string &path) {
    const char *next = static_cast<const char *>(data);
    while (size > 0) {
        ssize_t written = ::write(file.get(), next, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            throw_errno("cannot write " + printable(path));
        next += written;
        size -= static_cast<std::size_t>(written);
    }
}

std::size_t read_at(const descriptor &file, void *data, std::size_t size, off_t from,
                    const std::string &path) {
    char *next = static_cast<char *>(data);
    std::size_t done = 0;
    while (done < size) {
        ssize_t got =
            ::pread(file.get(), next + done, size - done, from + static_cast<off_t>(done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw_errno("cannot read " + printable(path));
        if (got == 0)
            break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

std::string read_whole(const std::string &path) {
    descriptor file = open_file(path, O_RDONLY);
    struct stat found {};
    if (::fstat(file.get(), &found) != 0)
        throw_errno("cannot look at " + printable(path));
    std::string text(static_cast<std::size_t>(found.st_size), '\0');
    text.resize(read_at(file, text.data(), text.size(), 0, path));
    return text;
}

void sync_file(const descriptor &file, const std::string &path) {
    if (::fsync(file.get()) != 0)
        throw_errno("cannot bring to the disk " + printable(path));
}

void sync_directory(const std::string &path) {
    sync_file(open_file(path, O_RDONLY | O_DIRECTORY), path);
}

void make_directory(const std::string &path) {
    if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST)
        throw_errno("cannot make the directory " + printable(path));
}

bool exists(const std::string &path) {
    struct stat found {};
    return ::lstat(path.c_str(), &found) == 0;
}

temporary::temporary(std::string path)
    : path_(std::move(path)), file_(open_file(path_, O_WRONLY | O_CREAT | O_EXCL, 0666)) {}

temporary::~temporary() {
    if (!published_)
        ::unlink(path_.c_str());
}

void temporary::publish(const std::string &name) {
    file_.close(path_);
    if (::rename(path_.c_str(), name.c_str()) != 0)
        throw_errno("cannot give " + printable(name) + " its name");
    published_ = true;
}

} // namespace qbackup
