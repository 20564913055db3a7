// quell: IWsbApplicationAsync over an operation of quell's.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sources: wsbapp.h, wsbapperror.h; the reference pages of IWsbApplicationAsync and of
// IWsbApplicationBackupSupport::CheckConsistency, which the application answers with
// this object. Windows Server Backup polls it: neither call waits. The codes are made by
// quell_wsb_….
#ifndef QUELL_COM_WSB_ASYNC_HPP
#define QUELL_COM_WSB_ASYNC_HPP

#include "async.hpp"

namespace quell::com {

template <> struct iid_of<IWsbApplicationAsync> {
    static REFIID get() noexcept { return QUELL_IID_IWsbApplicationAsync; }
};

class wsb_async;
using wsb_worker = async_worker<wsb_async>;

/// One check of consistency. Any thread may call it, and nothing blocks.
class wsb_async final : public object<wsb_async, IWsbApplicationAsync>,
                        public async_object<wsb_async> {
  public:
    explicit wsb_async(const async_options &options) noexcept
        : async_object(options), profile_(options.profile) {}

    /// Starts it, once. A worker that was refused with `cancelled` has nothing to do.
    wsb_worker start() noexcept { return wsb_worker(*this, operation_.source()); }

    /// `S_OK`, and at `result` `WSBAPP_ASYNC_IN_PROGRESS` by profile, `S_OK`, or its own
    /// error; `ERROR_CANCELLED` as a result code: cancelled (choice). `E_INVALIDARG` where
    /// `result` is null (choice).
    HRESULT STDMETHODCALLTYPE QueryStatus(HRESULT *result) noexcept override {
        if (result == nullptr)
            return E_INVALIDARG;
        *result = static_cast<HRESULT>(status_reply().code);
        return S_OK;
    }
    /// `S_OK`: it is being cancelled, or (choice) nothing is left to cancel. Choices:
    /// `ERROR_INVALID_STATE` as a result code past the commit point, `E_NOTIMPL` of an
    /// uncancellable one, `E_ACCESSDENIED` without the right, a gate's code.
    HRESULT STDMETHODCALLTYPE Abort() noexcept override {
        return static_cast<HRESULT>(abort_reply().code);
    }

    /// What Abort does, with the verdict beside the code.
    quell_reply_t abort_reply() noexcept {
        std::uint32_t code = 0;
        const quell_verdict_t told = operation_.cancel(code);
        return quell_wsb_abort_hresult(told, code, profile_);
    }
    /// What QueryStatus places at its pointer.
    quell_reply_t status_reply() const noexcept {
        const quell_status_t seen = operation_.look();
        return quell_wsb_status_hresult(&seen, profile_);
    }

  private:
    friend async_object;

    bool valid() const noexcept {
        return operation_.valid() && status_reply().verdict == QUELL_OK;
    }

    std::uint32_t profile_;
};

} // namespace quell::com

#endif // QUELL_COM_WSB_ASYNC_HPP
