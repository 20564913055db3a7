#include "file_lock.hpp"

#include <fcntl.h>

#include <chrono>
#include <thread>

#include "failure.hpp"

namespace qbackup::file_lock {

namespace {

struct flock on(off_t byte, int type) {
    struct flock wish {};
    wish.l_type = static_cast<short>(type);
    wish.l_whence = SEEK_SET;
    wish.l_start = byte;
    wish.l_len = 1;
    return wish;
}

} // namespace

bool take(const descriptor &file, off_t byte) {
    struct flock wish = on(byte, F_WRLCK);
    if (::fcntl(file.get(), F_OFD_SETLK, &wish) == 0)
        return true;
    if (errno != EAGAIN && errno != EACCES)
        throw_errno("cannot lock the running file");
    return false;
}

bool wait_for(const descriptor &file, off_t byte) {
    // Not F_OFD_SETLKW: a holder that was stopped would stop us for good.
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!take(file, byte)) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

void leave(const descriptor &file, off_t byte) noexcept {
    struct flock wish = on(byte, F_UNLCK);
    (void)::fcntl(file.get(), F_OFD_SETLK, &wish);
}

bool is_taken(const descriptor &file, off_t byte) {
    struct flock found = on(byte, F_WRLCK);
    if (::fcntl(file.get(), F_OFD_GETLK, &found) != 0)
        throw_errno("cannot look at the running file's locks");
    return found.l_type != F_UNLCK;
}

} // namespace qbackup::file_lock
