// quell: what the parts of a backup object are made of.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Locks, texts and arrays that neither throw nor lock across a call to the host;
// and which backup object's host the present thread is inside of.
#ifndef QUELL_COM_BACKUP_PARTS_HPP
#define QUELL_COM_BACKUP_PARTS_HPP

#include <cstring>
#include <cwchar>
#include <new>
#include <utility>

#include <windows.h>

#include <objbase.h>
#include <vss.h>

#include "../quell.h"

namespace quell::com::detail {

/// A lock that is held for a few lines, and never while the host is called.
class guard {
  public:
    explicit guard(SRWLOCK &of) noexcept : of_(of) { AcquireSRWLockExclusive(&of_); }
    guard(const guard &) = delete;
    guard &operator=(const guard &) = delete;
    ~guard() { ReleaseSRWLockExclusive(&of_); }

  private:
    SRWLOCK &of_;
};

/// A text of its own; null where there is none, or no memory for it.
class text {
  public:
    text() noexcept = default;
    text(text &&other) noexcept : at_(std::exchange(other.at_, nullptr)) {}
    text &operator=(text &&other) noexcept {
        std::swap(at_, other.at_);
        return *this;
    }
    ~text() { delete[] at_; }

    /// Whether there was memory for it.
    [[nodiscard]] bool set(const wchar_t *from) noexcept {
        delete[] std::exchange(at_, nullptr);
        const std::size_t length = std::wcslen(from) + 1;
        at_ = new (std::nothrow) wchar_t[length];
        if (at_ != nullptr)
            std::wmemcpy(at_, from, length);
        return at_ != nullptr;
    }
    const wchar_t *get() const noexcept { return at_; }
    bool is(const wchar_t *other) const noexcept {
        return at_ != nullptr && _wcsicmp(at_, other) == 0;
    }

  private:
    wchar_t *at_ = nullptr;
};

/// A copy that the requester frees by CoTaskMemFree; null of null.
[[nodiscard]] inline bool give(const wchar_t *from, VSS_PWSZ &into) noexcept {
    into = nullptr;
    if (from == nullptr)
        return true;
    const std::size_t bytes = (std::wcslen(from) + 1) * sizeof(wchar_t);
    into = static_cast<VSS_PWSZ>(CoTaskMemAlloc(bytes));
    if (into != nullptr)
        std::memcpy(into, from, bytes);
    return into != nullptr;
}

/// An array that grows.
template <class T> class list {
  public:
    list() noexcept = default;
    list(const list &) = delete;
    list &operator=(const list &) = delete;
    ~list() { delete[] at_; }

    /// Whether there was memory for one more.
    [[nodiscard]] bool push(T &&one) noexcept {
        if (size_ == room_) {
            const UINT room = room_ == 0 ? 4 : room_ * 2;
            T *const wider = new (std::nothrow) T[room];
            if (wider == nullptr)
                return false;
            for (UINT place = 0; place < size_; ++place)
                wider[place] = std::move(at_[place]);
            delete[] at_;
            at_ = wider;
            room_ = room;
        }
        at_[size_++] = std::move(one);
        return true;
    }
    void swap(list &other) noexcept {
        std::swap(at_, other.at_);
        std::swap(size_, other.size_);
        std::swap(room_, other.room_);
    }
    void clear() noexcept {
        list empty;
        swap(empty);
    }
    UINT size() const noexcept { return size_; }
    T &operator[](UINT place) noexcept { return at_[place]; }
    const T &operator[](UINT place) const noexcept { return at_[place]; }
    T *begin() noexcept { return at_; }
    T *end() noexcept { return at_ + size_; }
    const T *begin() const noexcept { return at_; }
    const T *end() const noexcept { return at_ + size_; }

  private:
    T *at_ = nullptr;
    UINT size_ = 0;
    UINT room_ = 0;
};

/// The backup object that is telling its host something on this thread: who is
/// called from there must not wait for that to end.
inline thread_local const void *telling = nullptr;

/// What quell told the method that the present thread is in.
struct heard {
    bool asked;
    quell_verdict_t verdict;
};
inline thread_local heard last_heard = {false, QUELL_OK};

inline quell_verdict_t hear(quell_verdict_t told) noexcept {
    last_heard = {true, told};
    return told;
}

class while_telling {
  public:
    explicit while_telling(const void *object) noexcept
        : before_(std::exchange(telling, object)) {}
    while_telling(const while_telling &) = delete;
    while_telling &operator=(const while_telling &) = delete;
    ~while_telling() { telling = before_; }

  private:
    const void *before_;
};

} // namespace quell::com::detail

#endif
