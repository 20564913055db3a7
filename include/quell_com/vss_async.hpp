// quell: IVssAsync over an operation of quell's.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sources: vss.h; the reference pages of IVssAsync and of its methods. What each call
// returns in each state is the table of SPEC.md; the codes are made by quell_vss_….
#ifndef QUELL_COM_VSS_ASYNC_HPP
#define QUELL_COM_VSS_ASYNC_HPP

#include "async.hpp"

#include <vss.h>

namespace quell::com {

template <> struct iid_of<IVssAsync> {
    static REFIID get() noexcept { return QUELL_IID_IVssAsync; }
};

class vss_async;
using vss_worker = async_worker<vss_async>;

/// One asynchronous operation of VSS. Any thread may call it; `Wait`, and `Cancel` where
/// it waits, block, and are not for the worker's own thread.
///
///   com_ptr<vss_async> async;
///   if (HRESULT failed = vss_async::make({}, async); FAILED(failed)) return failed;
///   vss_worker worker = async->start();              // to the thread that works
///   return async.copy_to(IID_IVssAsync, (void **)ppAsync);
class vss_async final : public object<vss_async, IVssAsync>, public async_object<vss_async> {
  public:
    explicit vss_async(const async_options &options) noexcept
        : async_object(options), profile_(options.profile) {}

    /// Starts it, once. A worker that was refused with `cancelled` has nothing to do.
    vss_worker start() noexcept { return vss_worker(*this, operation_.source()); }

    /// `S_OK`: it is cancelled, or will be; `VSS_S_ASYNC_CANCELLED`,
    /// `VSS_S_ASYNC_FINISHED`, its own error: it had ended so. Choices of quell's: a
    /// second Cancel, and one of a best-effort operation, wait for the end;
    /// `VSS_E_BAD_STATE` past the commit point and of an uncancellable one
    /// (`E_NOTIMPL` of a revert); `E_ACCESSDENIED` without the right; a gate's code.
    HRESULT STDMETHODCALLTYPE Cancel() noexcept override {
        return static_cast<HRESULT>(cancel_reply().code);
    }
    /// `S_OK`: it has finished, was cancelled, or the time ran out: QueryStatus tells
    /// them apart; its own error; `E_INVALIDARG`: a limit, on Windows Server 2003.
    HRESULT STDMETHODCALLTYPE Wait(DWORD milliseconds) noexcept override {
        return static_cast<HRESULT>(wait_reply(milliseconds).code);
    }
    /// `S_OK`, and at `result` `VSS_S_ASYNC_PENDING`, `VSS_S_ASYNC_FINISHED`,
    /// `VSS_S_ASYNC_CANCELLED` or its own error; `E_INVALIDARG` where `result` is null.
    /// `reserved` is not looked at (choice).
    HRESULT STDMETHODCALLTYPE QueryStatus(HRESULT *result, INT *) noexcept override {
        if (result == nullptr)
            return E_INVALIDARG;
        *result = static_cast<HRESULT>(status_reply().code);
        return S_OK;
    }

    /// What Cancel does, with the verdict beside the code.
    quell_reply_t cancel_reply() noexcept {
        // A client may release its pointer while a call of its own waits.
        const com_ptr<vss_async> keep(this);
        return operation_.cancel(quell_vss_cancel_hresult, quell_vss_cancel_end_hresult,
                                 profile_);
    }
    /// What Wait does, with the verdict of the waiting beside the code.
    quell_reply_t wait_reply(DWORD milliseconds) noexcept {
        const com_ptr<vss_async> keep(this);
        std::uint64_t limit_us = 0;
        const quell_reply_t limited = quell_vss_wait_limit(milliseconds, profile_, &limit_us);
        if (limited.verdict != QUELL_OK)
            return limited;
        quell_status_t seen;
        const quell_verdict_t waited = operation_.wait(limit_us, seen);
        return quell_vss_wait_hresult(waited, &seen, profile_);
    }
    /// What QueryStatus places at its pointer.
    quell_reply_t status_reply() const noexcept {
        const quell_status_t seen = operation_.look();
        return quell_vss_status_hresult(&seen, profile_);
    }

  private:
    friend async_object;

    bool valid() const noexcept {
        return operation_.valid() && status_reply().verdict == QUELL_OK;
    }

    std::uint32_t profile_;
};

} // namespace quell::com

#endif // QUELL_COM_VSS_ASYNC_HPP
