// Files: descriptors that close themselves, whole reads and writes, and what
// it takes for a file to be on the disk.
#ifndef QBACKUP_FILE_HPP
#define QBACKUP_FILE_HPP

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <utility>

namespace qbackup {

class descriptor {
  public:
    descriptor() noexcept = default;
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(descriptor &&other) noexcept : number_(std::exchange(other.number_, -1)) {}
    descriptor &operator=(descriptor &&other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    descriptor(const descriptor &) = delete;
    descriptor &operator=(const descriptor &) = delete;
    ~descriptor();

    int get() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ >= 0; }
    /// Closes it now, so that an error of a late write is not lost.
    void close(const std::string &path);

  private:
    int number_ = -1;
};

/// Throws where it cannot be opened.
descriptor open_file(const std::string &path, int flags, mode_t mode = 0);
void write_all(const descriptor &file, const void *data, std::size_t size,
               const std::string &path);
/// How much was read: less than `size` at the end of the file only.
std::size_t read_at(const descriptor &file, void *data, std::size_t size, off_t from,
                    const std::string &path);
std::string read_whole(const std::string &path);
void sync_file(const descriptor &file, const std::string &path);
void sync_directory(const std::string &path);
void make_directory(const std::string &path);
bool exists(const std::string &path);

/// A file that goes away again unless it is published.
class temporary {
  public:
    /// Makes it; it must not exist.
    explicit temporary(std::string path);
    temporary(const temporary &) = delete;
    temporary &operator=(const temporary &) = delete;
    ~temporary();

    descriptor &file() noexcept { return file_; }
    const std::string &path() const noexcept { return path_; }
    /// Closes it and gives it its name, over whatever has that name.
    void publish(const std::string &name);

  private:
    std::string path_;
    descriptor file_;
    bool published_ = false;
};

} // namespace qbackup

#endif
