// What a worker thread asks between two steps: the inlined poll of quell.h,
// one load and one test.
#ifndef QBACKUP_STOP_SIGN_HPP
#define QBACKUP_STOP_SIGN_HPP

#include <atomic>

#include <quell.hpp>

namespace qbackup {

class stop_sign {
  public:
    explicit stop_sign(const quell_op_t &op) noexcept : op_(&op) {}

    /// Between two chunks: whether to begin no other one.
    bool halt() const noexcept {
        return quell_op_poll(op_) != QUELL_LEVEL_NONE ||
               broken_.load(std::memory_order_relaxed);
    }
    /// Within a chunk: whether to abandon it.
    bool abandon() const noexcept { return quell_op_poll(op_) >= QUELL_LEVEL_IMMEDIATE; }
    /// Another thread cannot go on, so none needs to.
    void give_up() noexcept { broken_.store(true, std::memory_order_relaxed); }

  private:
    const quell_op_t *op_;
    std::atomic<bool> broken_{false};
};

} // namespace qbackup

#endif
