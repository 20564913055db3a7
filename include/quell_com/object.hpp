// quell: what every COM object of quell shares.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// An object is counted, destroyed once, and allocated without exceptions. It has one
// vtable, of the interface that it implements and nothing after it.
//
//   class part final : public quell::com::object<part, IPart> { … };
//   quell::com::com_ptr<part> made;
//   if (HRESULT failed = quell::com::allocate(made, …); FAILED(failed)) …
//   return made.copy_to(IID_IPart, into);  // the client's reference
//
// Threads: the counting is for any number of threads. Each full-barrier decrement
// publishes what its thread did to the object, and the last one sees all of it, so
// that destroying needs no lock.
#ifndef QUELL_COM_OBJECT_HPP
#define QUELL_COM_OBJECT_HPP

#include <new>
#include <utility>

#include "../quell_com.h"

namespace quell::com {

/// The identifier of an interface: `static REFIID get() noexcept`. Specialised for
/// each one that an object answers to.
template <class Interface> struct iid_of;

template <> struct iid_of<IUnknown> {
    static REFIID get() noexcept { return IID_IUnknown; }
};
template <> struct iid_of<IDispatch> {
    static REFIID get() noexcept { return IID_IDispatch; }
};

namespace detail {
inline volatile LONG objects = 0;
} // namespace detail

/// How many objects of quell's are alive in this module: for DllCanUnloadNow, and for
/// tests that nothing leaks. Any thread; wait-free.
inline ULONG live_objects() noexcept {
    return static_cast<ULONG>(InterlockedCompareExchange(&detail::objects, 0, 0));
}

/// A counted reference. Moved, copied, and released when destroyed.
template <class T> class com_ptr {
  public:
    com_ptr() noexcept = default;
    /// A reference of its own.
    explicit com_ptr(T *to) noexcept : to_(to) {
        if (to_ != nullptr)
            to_->AddRef();
    }
    com_ptr(const com_ptr &other) noexcept : com_ptr(other.to_) {}
    com_ptr(com_ptr &&other) noexcept : to_(std::exchange(other.to_, nullptr)) {}
    com_ptr &operator=(com_ptr other) noexcept {
        std::swap(to_, other.to_);
        return *this;
    }
    ~com_ptr() { reset(); }

    /// The reference that the caller has becomes this one's.
    static com_ptr adopt(T *to) noexcept {
        com_ptr adopted;
        adopted.to_ = to;
        return adopted;
    }
    /// Releases. Nothing is done with the pointer after that: what it was of may own
    /// this very com_ptr.
    void reset() noexcept {
        if (T *const to = std::exchange(to_, nullptr))
            to->Release();
    }
    /// The reference becomes the caller's.
    [[nodiscard]] T *detach() noexcept { return std::exchange(to_, nullptr); }
    /// A reference for the caller at `into`, as QueryInterface gives it: `S_OK`,
    /// `E_NOINTERFACE`, `E_POINTER`. Not of an empty one.
    HRESULT copy_to(REFIID wanted, void **into) const noexcept {
        return to_->QueryInterface(wanted, into);
    }

    explicit operator bool() const noexcept { return to_ != nullptr; }
    T *get() const noexcept { return to_; }
    T *operator->() const noexcept { return to_; }
    T &operator*() const noexcept { return *to_; }

  private:
    T *to_ = nullptr;
};

/// Implements `Interface` in `Self`, which is final and derives from this. It answers
/// QueryInterface for IUnknown, `Interface`, and `Bases`, which are those that
/// `Interface` derives from. Made with one reference, which is its maker's.
template <class Self, class Interface, class... Bases> class object : public Interface {
  public:
    object(const object &) = delete;
    object &operator=(const object &) = delete;

    /// `S_OK`; `E_NOINTERFACE`, and null at `into`; `E_POINTER` where `into` is null.
    /// All answers are the same pointer, so that IUnknown's is the identity.
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID wanted, void **into) noexcept override {
        if (into == nullptr)
            return E_POINTER;
        if (!answers_to<IUnknown>(wanted) && !answers_to<Interface>(wanted) &&
            !(... || answers_to<Bases>(wanted))) {
            *into = nullptr;
            return E_NOINTERFACE;
        }
        AddRef();
        *into = static_cast<Interface *>(this);
        return S_OK;
    }
    /// How many references there are now: for tests only.
    ULONG STDMETHODCALLTYPE AddRef() noexcept override {
        return static_cast<ULONG>(InterlockedIncrement(&references_));
    }
    ULONG STDMETHODCALLTYPE Release() noexcept override {
        const LONG left = InterlockedDecrement(&references_);
        if (left == 0)
            delete static_cast<Self *>(this);
        return static_cast<ULONG>(left);
    }

  protected:
    object() noexcept { InterlockedIncrement(&detail::objects); }
    // Not virtual, for the vtable is the interface's: only Release destroys, as Self.
    ~object() { InterlockedDecrement(&detail::objects); }

  private:
    template <class Base> static bool answers_to(REFIID wanted) noexcept {
        return IsEqualGUID(wanted, iid_of<Base>::get()) != FALSE;
    }

    volatile LONG references_ = 1;
};

/// Makes an object of these arguments: `S_OK`, or `E_OUTOFMEMORY` and an empty pointer.
/// The constructor must not throw.
template <class T, class... Arguments>
HRESULT allocate(com_ptr<T> &into, Arguments &&...arguments) noexcept {
    into = com_ptr<T>::adopt(new (std::nothrow) T(std::forward<Arguments>(arguments)...));
    return into ? S_OK : E_OUTOFMEMORY;
}

} // namespace quell::com

#endif // QUELL_COM_OBJECT_HPP
