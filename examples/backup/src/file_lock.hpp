// Locks on single bytes of a file, of the open file and not of the process:
// the kernel takes them away when their holder dies, in every container alike.
#ifndef QBACKUP_FILE_LOCK_HPP
#define QBACKUP_FILE_LOCK_HPP

#include <string>

#include "file.hpp"

namespace qbackup::file_lock {

/// Whether the byte is this open file's now.
bool take(const descriptor &file, off_t byte);
/// Waits for whoever has it, for some seconds. Returns as take does.
bool wait_for(const descriptor &file, off_t byte);
void leave(const descriptor &file, off_t byte) noexcept;
/// Whether another open file has it.
bool is_taken(const descriptor &file, off_t byte);

} // namespace qbackup::file_lock

#endif
