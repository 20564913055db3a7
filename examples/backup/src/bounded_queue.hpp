// A queue between threads that holds only so much.
#ifndef QBACKUP_BOUNDED_QUEUE_HPP
#define QBACKUP_BOUNDED_QUEUE_HPP

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace qbackup {

template <class Item> class bounded_queue {
  public:
    explicit bounded_queue(std::size_t capacity) : capacity_(capacity) {}

    /// Whether there was room for it within that time; `item` is moved from
    /// only then.
    bool push(Item &item, std::chrono::milliseconds patience) {
        std::unique_lock<std::mutex> guard(mutex_);
        if (!room_.wait_for(guard, patience, [&] { return items_.size() < capacity_; }))
            return false;
        items_.push_back(std::move(item));
        filled_.notify_one();
        return true;
    }
    /// Waits for an item; nothing where it is closed and empty.
    std::optional<Item> pop() {
        std::unique_lock<std::mutex> guard(mutex_);
        filled_.wait(guard, [&] { return closed_ || !items_.empty(); });
        if (items_.empty())
            return std::nullopt;
        std::optional<Item> item(std::move(items_.front()));
        items_.pop_front();
        room_.notify_one();
        return item;
    }
    /// No more will come.
    void close() {
        std::lock_guard<std::mutex> guard(mutex_);
        closed_ = true;
        filled_.notify_all();
    }

  private:
    const std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable room_, filled_;
    std::deque<Item> items_;
    bool closed_ = false;
};

} // namespace qbackup

#endif
