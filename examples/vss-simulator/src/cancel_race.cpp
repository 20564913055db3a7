#include "scripted_host.hpp"

namespace vss_simulator {
namespace {

race settled(race order, std::uint32_t seed) {
    constexpr race orders[] = {race::cancel_first, race::commit_first, race::end_first};
    return order == race::seeded ? orders[seed % 3] : order;
}

} // namespace

cancel_race::cancel_race(race order, std::uint32_t seed, std::uint32_t window_ms) noexcept
    : order_(settled(order, seed)), window_ms_(window_ms) {}

template <class Done> void cancel_race::wait_until(Done done) {
    const ULONGLONG until = GetTickCount64() + window_ms_;
    AcquireSRWLockExclusive(&lock_);
    while (!done()) {
        const ULONGLONG now = GetTickCount64();
        if (now >= until)
            break;
        SleepConditionVariableSRW(&changed_, &lock_, static_cast<DWORD>(until - now), 0);
    }
    ReleaseSRWLockExclusive(&lock_);
}

void cancel_race::reach(step next) {
    AcquireSRWLockExclusive(&lock_);
    if (step_ < next)
        step_ = next;
    ReleaseSRWLockExclusive(&lock_);
    WakeAllConditionVariable(&changed_);
}

void cancel_race::begins(const quell::observer &operation) {
    AcquireSRWLockExclusive(&lock_);
    operation_ = operation;
    ReleaseSRWLockExclusive(&lock_);
}

void cancel_race::at_commit_point(const quell::observer &stop) {
    if (order_ == race::cancel_first)
        (void)stop.wait_for(std::chrono::milliseconds(window_ms_), quell::events::request);
    else if (order_ != race::none)
        wait_until([this] { return asked_; });
}

void cancel_race::committed() {
    if (order_ == race::none)
        return;
    reach(step::committed);
    // The cancel's answer is to be one of the time between the commit and the end.
    if (order_ == race::commit_first)
        wait_until([this] { return !asked_ || answered_; });
}

void cancel_race::ends() { reach(step::ending); }

void cancel_race::asks() {
    AcquireSRWLockExclusive(&lock_);
    asked_ = true;
    ReleaseSRWLockExclusive(&lock_);
    WakeAllConditionVariable(&changed_);
    if (order_ == race::commit_first)
        wait_until([this] { return step_ != step::before; });
    else if (order_ == race::end_first) {
        wait_until([this] { return step_ == step::ending; });
        (void)operation_.wait_for(std::chrono::milliseconds(window_ms_));
    }
}

void cancel_race::answered() {
    AcquireSRWLockExclusive(&lock_);
    answered_ = true;
    ReleaseSRWLockExclusive(&lock_);
    WakeAllConditionVariable(&changed_);
    // So that what the requester sees next is the same in every run.
    if (order_ != race::none)
        (void)operation_.wait_for(std::chrono::milliseconds(window_ms_));
}

} // namespace vss_simulator
