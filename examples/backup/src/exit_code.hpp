// What the shell is told.
#ifndef QBACKUP_EXIT_CODE_HPP
#define QBACKUP_EXIT_CODE_HPP

#include <quell.hpp>

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

/// Of a job that ended cancelled for this cause.
inline int of_cancelled(quell::cause why) {
    switch (why) {
    case quell::cause::deadline:
        return deadline;
    case quell::cause::shutdown:
        return shutdown;
    default:
        return user;
    }
}

} // namespace qbackup::exit_code

#endif
