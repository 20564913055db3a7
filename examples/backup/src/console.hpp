// Messages for people, beside the progress that is being shown.
#ifndef QBACKUP_CONSOLE_HPP
#define QBACKUP_CONSOLE_HPP

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace qbackup {

/// Any thread.
class console {
  public:
    /// Something that had to be left out of the snapshot.
    void unreadable(const std::string &sentence);
    void note(const std::string &sentence);
    std::uint64_t unreadable_count() const noexcept {
        return count_.load(std::memory_order_relaxed);
    }

  private:
    std::mutex mutex_;
    std::atomic<std::uint64_t> count_{0};
};

} // namespace qbackup

#endif
