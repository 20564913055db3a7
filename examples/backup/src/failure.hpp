// What goes wrong, with the number that a failed operation ends with.
#ifndef QBACKUP_FAILURE_HPP
#define QBACKUP_FAILURE_HPP

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace qbackup {

/// An errno value, never zero, and a sentence for the person who reads it.
class failure : public std::runtime_error {
  public:
    failure(int code, const std::string &sentence)
        : std::runtime_error(sentence), code_(code) {}
    int code() const noexcept { return code_; }

  private:
    int code_;
};

/// Not a fault of anything: it cannot be done now.
class not_now : public failure {
  public:
    explicit not_now(const std::string &sentence) : failure(EBUSY, sentence) {}
};

[[noreturn]] inline void throw_errno(const std::string &doing) {
    int code = errno;
    throw failure(code, doing + ": " + std::strerror(code));
}

[[noreturn]] inline void throw_damaged(const std::string &what) {
    throw failure(EBADMSG, what);
}

} // namespace qbackup

#endif
