// What the shell is told.
#ifndef QBACKUP_EXIT_CODE_HPP
#define QBACKUP_EXIT_CODE_HPP

namespace qbackup::exit_code {

enum : int {
    done = 0,
    error = 1,
    usage = 2,
    not_now = 3,
    too_late = 4,
    unreadable = 5,
    deadline = 124,
    user = 130,
    shutdown = 143,
};

} // namespace qbackup::exit_code

#endif
