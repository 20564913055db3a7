// quell: IGPMAsyncCancel over an operation of quell's, and what its worker says to the
// client's IGPMAsyncProgress.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sources: gpmgmt.h; the reference pages of both interfaces. The codes are made by
// quell_gpm_….
//
// The client gives its progress to a method of Group Policy Management, and gets a
// cancel for it:
//
//   worker   report ──▶ Status(num < den)        any number, never with less than before
//            finish, fail, acknowledge, or destroyed
//                   ──▶ Status, the last one     exactly once; then the client's progress
//                                                is released
//   client   Cancel ──▶ the operation            never waits, from inside Status as well
//
// All calls of Status are made by the worker, on its thread, with nothing locked. What
// they return is not looked at (choice). Marshalling the client's pointer to that
// thread, where apartments ask for it, is the provider's.
#ifndef QUELL_COM_GPM_ASYNC_HPP
#define QUELL_COM_GPM_ASYNC_HPP

#include "async.hpp"
#include "dispatch.hpp"

#include <gpmgmt.h>

namespace quell::com {

template <> struct iid_of<IGPMAsyncCancel> {
    static REFIID get() noexcept { return QUELL_IID_IGPMAsyncCancel; }
};
template <> struct iid_of<IGPMAsyncProgress> {
    static REFIID get() noexcept { return QUELL_IID_IGPMAsyncProgress; }
};

class gpm_worker;

/// The client's means to cancel one operation of Group Policy Management. Any thread may
/// call it, from inside Status as well, and nothing blocks.
class gpm_async_cancel final : public one_method_dispatch<gpm_async_cancel, IGPMAsyncCancel>,
                               public async_object<gpm_async_cancel> {
  public:
    static constexpr const OLECHAR *method_name = L"Cancel";
    static constexpr DISPID method_id = QUELL_DISPID_GPM_CANCEL;

    explicit gpm_async_cancel(const async_options &options) noexcept : async_object(options) {}

    /// What a method of Group Policy Management does with the pointers of its client: the
    /// worker starts; a client that gave a progress gets its cancel at `cancel`. Without a
    /// progress the method runs synchronously, and null is at `cancel`. Either may be null.
    ///
    /// `S_OK`; `E_OUTOFMEMORY`; `E_INVALIDARG` as for `make`.
    static inline HRESULT begin(const async_options &options, IGPMAsyncProgress *progress,
                                IGPMAsyncCancel **cancel, gpm_worker &worker) noexcept;

    /// Starts it, once, with the client's progress or null. A worker that was refused with
    /// `cancelled` has said so to the client, and has nothing to do.
    inline gpm_worker start(IGPMAsyncProgress *progress) noexcept;

    /// `S_OK`: it is being cancelled, or (choice) has been. Choices: `ERROR_INVALID_STATE`
    /// as a result code past the commit point and after another end, `E_NOTIMPL` of an
    /// uncancellable one, `E_ACCESSDENIED` without the right, a gate's code.
    HRESULT STDMETHODCALLTYPE Cancel() noexcept override {
        return static_cast<HRESULT>(cancel_reply().code);
    }

    /// What Cancel does, with the verdict beside the code.
    quell_reply_t cancel_reply() noexcept {
        std::uint32_t code = 0;
        const quell_verdict_t told = operation_.cancel(code);
        return quell_gpm_cancel_hresult(told, code);
    }
    /// What Status is made of. The worker has it too.
    reports &progress() noexcept { return reports_; }
    /// What a call of Status would say now.
    quell_gpm_report_t report() const noexcept {
        const quell_status_t seen = operation_.look();
        const reading come = reports_.read();
        return quell_gpm_report(&seen, come.done, come.total);
    }
    /// For IDispatch.
    HRESULT run_method() noexcept { return Cancel(); }

  private:
    friend async_object;

    bool valid() const noexcept { return operation_.valid(); }
    reports reports_;
};

/// The worker of a gpm_async_cancel. Its references are its own and the client's
/// progress, until the last call of Status.
class gpm_worker : public async_worker<gpm_async_cancel> {
  public:
    gpm_worker() noexcept = default;
    gpm_worker(gpm_async_cancel &of, const quell::source &source,
               IGPMAsyncProgress *progress) noexcept
        : async_worker(of, source) {
        if (refusal() == verdict::ok || refusal() == verdict::cancelled)
            progress_ = com_ptr<IGPMAsyncProgress>(progress);
        if (refusal() == verdict::cancelled)
            say(nullptr, nullptr);
    }
    gpm_worker(gpm_worker &&other) noexcept { swap(other); }
    gpm_worker &operator=(gpm_worker &&other) noexcept {
        gpm_worker taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~gpm_worker() {
        if (!progress_)
            return;
        raw() = quell::worker();
        say(nullptr, nullptr);
    }

    /// quell_report, and Status with it: `ok`, `invalid`.
    [[nodiscard]] verdict report(std::uint64_t done,
                                 IGPMStatusMsgCollection *messages = nullptr) noexcept {
        if (of() == nullptr)
            return verdict::invalid;
        const verdict told = of()->progress().report(done);
        if (told == verdict::ok)
            say(nullptr, messages);
        return told;
    }
    /// quell_report_total: `ok`, `invalid`.
    [[nodiscard]] verdict total(std::uint64_t total) noexcept {
        return of() == nullptr ? verdict::invalid : of()->progress().total(total);
    }

    /// As async_worker's, and the last Status with the result, which stays the caller's.
    [[nodiscard]] verdict finish(VARIANT *result = nullptr,
                                 IGPMStatusMsgCollection *messages = nullptr) noexcept {
        return ended(async_worker::finish(), result, messages);
    }
    /// As async_worker's, and the last Status with the code.
    [[nodiscard]] verdict fail(HRESULT code,
                               IGPMStatusMsgCollection *messages = nullptr) noexcept {
        return ended(async_worker::fail(code), nullptr, messages);
    }
    /// As async_worker's, and the last Status with `ERROR_CANCELLED` as a result code.
    [[nodiscard]] verdict acknowledge(effects left,
                                      IGPMStatusMsgCollection *messages = nullptr) noexcept {
        return ended(async_worker::acknowledge(left), nullptr, messages);
    }

  private:
    void swap(gpm_worker &other) noexcept {
        async_worker::swap(other);
        std::swap(progress_, other.progress_);
    }
    verdict ended(verdict told, VARIANT *result, IGPMStatusMsgCollection *messages) noexcept {
        if (told == verdict::ok || told == verdict::cancelled)
            say(result, messages);
        return told;
    }
    /// One call of Status. A variant goes with it always, empty where there is no result:
    /// the interface has no null there for a client in another apartment.
    void say(VARIANT *result, IGPMStatusMsgCollection *messages) noexcept {
        if (!progress_)
            return;
        const quell_gpm_report_t now = of()->report();
        VARIANT nothing = {};
        (void)progress_->Status(now.numerator, now.denominator, static_cast<HRESULT>(now.code),
                                now.with_result != 0 && result != nullptr ? result : &nothing,
                                messages);
        if (now.last != 0)
            progress_.reset();
    }

    com_ptr<IGPMAsyncProgress> progress_;
};

inline gpm_worker gpm_async_cancel::start(IGPMAsyncProgress *progress) noexcept {
    return gpm_worker(*this, operation_.source(), progress);
}

inline HRESULT gpm_async_cancel::begin(const async_options &options,
                                       IGPMAsyncProgress *progress, IGPMAsyncCancel **cancel,
                                       gpm_worker &worker) noexcept {
    if (cancel != nullptr)
        *cancel = nullptr;
    com_ptr<gpm_async_cancel> made;
    const HRESULT failed = make(options, made);
    if (FAILED(failed))
        return failed;
    worker = made->start(progress);
    if (progress == nullptr || cancel == nullptr)
        return S_OK;
    *cancel = made.detach();
    return S_OK;
}

} // namespace quell::com

#endif // QUELL_COM_GPM_ASYNC_HPP
