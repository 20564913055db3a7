// quell: IVdsAsync over an operation of quell's.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sources: vdserr.h; [MS-VDS] 2.2.3 and 3.4.1.5; the reference pages of IVdsAsync and
// of its methods. What each call returns in each state is the table of SPEC.md; the
// codes are made by quell_vds_….
//
// The success code and the output are the worker's until `finish` says `ok`, and nobody
// reads them before. After that they do not change until the object goes.
#ifndef QUELL_COM_VDS_ASYNC_HPP
#define QUELL_COM_VDS_ASYNC_HPP

#include "async.hpp"

namespace quell::com {

template <> struct iid_of<IVdsAsync> {
    static REFIID get() noexcept { return QUELL_IID_IVdsAsync; }
};

/// The object in an output, by its type; null where there is none.
inline IUnknown *result_object(const VDS_ASYNC_OUTPUT &of) noexcept {
    switch (of.type) {
    case VDS_ASYNCOUT_CREATEVOLUME:
        return of.cv.pVolumeUnk;
    case VDS_ASYNCOUT_BREAKVOLUMEPLEX:
        return of.bvp.pVolumeUnk;
    case VDS_ASYNCOUT_CREATELUN:
        return of.cl.pLunUnk;
    case VDS_ASYNCOUT_CREATETARGET:
        return of.ct.pTargetUnk;
    case VDS_ASYNCOUT_CREATEPORTALGROUP:
        return of.cpg.pPortalGroupUnk;
    case VDS_ASYNCOUT_CREATE_VDISK:
        return of.cvd.pVDiskUnk;
    default:
        return nullptr;
    }
}

struct vds_options : async_options {
    /// The server's limit to a Wait, in milliseconds: it returns VDS_E_TIMEOUT then.
    DWORD wait_limit = INFINITE;
};

class vds_worker;

/// One asynchronous operation of VDS. Any thread may call it; `Wait`, and `Cancel` where
/// it waits, block, and are not for the worker's own thread.
class vds_async final : public object<vds_async, IVdsAsync>,
                        public async_object<vds_async, vds_options> {
  public:
    explicit vds_async(const vds_options &options) noexcept
        : async_object(options), profile_(options.profile), wait_limit_(options.wait_limit) {}
    ~vds_async() { drop_output(); }

    /// Starts it, once. A worker that was refused with `cancelled` has nothing to do.
    inline vds_worker start() noexcept;

    /// `S_OK`: it is cancelled, or will be; `VDS_E_OPERATION_CANCELED`: it had been;
    /// `VDS_E_CANCEL_TOO_LATE`: past the commit point, finished or failed;
    /// `VDS_E_NOT_SUPPORTED`: uncancellable; `VDS_E_ACCESS_DENIED` without the right; a
    /// gate's code. Choice: a second Cancel, and one of a best-effort operation, wait for
    /// the end.
    HRESULT STDMETHODCALLTYPE Cancel() noexcept override {
        return static_cast<HRESULT>(cancel_reply().code);
    }
    /// `S_OK` when it has ended: how, is at `result`, and where it has finished, what it
    /// made is at `output`, whose object is the caller's to release. `VDS_E_TIMEOUT`: the
    /// server's limit ran out, `VDS_E_OPERATION_PENDING` at `result`. `E_INVALIDARG` where a
    /// pointer is null. `*output` is all-zero where it has not finished (choice).
    HRESULT STDMETHODCALLTYPE Wait(HRESULT *result,
                                   VDS_ASYNC_OUTPUT *output) noexcept override {
        if (result == nullptr || output == nullptr)
            return E_INVALIDARG;
        const com_ptr<vds_async> keep(this);
        quell_status_t seen;
        const quell_verdict_t waited = operation_.wait(
            wait_limit_ == INFINITE ? QUELL_FOREVER : std::uint64_t{wait_limit_} * 1000, seen);
        *result = static_cast<HRESULT>(status_of(seen).code);
        *output = {};
        if (seen.phase == QUELL_PHASE_FINISHED) {
            *output = output_;
            if (IUnknown *const made = result_object(*output))
                made->AddRef();
        }
        return static_cast<HRESULT>(quell_vds_wait_hresult(waited, &seen, profile_).code);
    }
    /// `S_OK`; at `result` `VDS_E_OPERATION_PENDING`, the worker's success code,
    /// `VDS_E_OPERATION_CANCELED`, or its own error; at `percent` 0 to 99 of one that goes
    /// on (unknown: by profile), 100 of one that has finished, else 0. `E_INVALIDARG`
    /// where a pointer is null.
    HRESULT STDMETHODCALLTYPE QueryStatus(HRESULT *result, ULONG *percent) noexcept override {
        if (result == nullptr || percent == nullptr)
            return E_INVALIDARG;
        const quell_status_t seen = operation_.look();
        const reading come = reports_.read();
        *result = static_cast<HRESULT>(status_of(seen).code);
        *percent = quell_vds_percent(&seen, come.done, come.total, profile_);
        return S_OK;
    }

    /// What Cancel does, with the verdict beside the code.
    quell_reply_t cancel_reply() noexcept {
        // A client may release its pointer while a call of its own waits.
        const com_ptr<vds_async> keep(this);
        return operation_.cancel(quell_vds_cancel_hresult, quell_vds_cancel_end_hresult,
                                 profile_);
    }
    /// What percent is made of. The worker has it too.
    reports &progress() noexcept { return reports_; }
    /// What QueryStatus places at its first pointer.
    quell_reply_t status_reply() const noexcept { return status_of(operation_.look()); }

  private:
    friend async_object;
    friend vds_worker;

    bool valid() const noexcept {
        return operation_.valid() && status_reply().verdict == QUELL_OK;
    }
    quell_reply_t status_of(const quell_status_t &seen) const noexcept {
        const bool finished = seen.phase == QUELL_PHASE_FINISHED;
        return quell_vds_status_hresult(
            &seen, static_cast<std::uint32_t>(finished ? success_ : S_OK), profile_);
    }
    void drop_output() noexcept {
        IUnknown *const made = result_object(output_);
        output_ = {};
        if (made != nullptr)
            made->Release();
    }

    std::uint32_t profile_;
    DWORD wait_limit_;
    HRESULT success_ = S_OK;
    VDS_ASYNC_OUTPUT output_{};
    reports reports_;
};

/// The worker of a vds_async.
class vds_worker : public async_worker<vds_async> {
  public:
    using async_worker::async_worker;

    /// quell_op_finish, with a success code of VDS, and what the operation made, whose
    /// object gets a reference more. `ok`; `cancelling`: undo, then `acknowledge`;
    /// `bad_state`, `invalid`. Except with `ok`, nothing is kept.
    [[nodiscard]] verdict finish(HRESULT success = S_OK,
                                 const VDS_ASYNC_OUTPUT *output = nullptr) noexcept {
        vds_async *const async = of();
        if (async == nullptr || !*this)
            return async_worker::finish();
        // Ended, it is read by others.
        const quell_phase_t phase = async->operation_.look().phase;
        if (phase != QUELL_PHASE_RUNNING && phase != QUELL_PHASE_COMMITTED)
            return verdict::bad_state;
        async->success_ = success;
        if (output != nullptr) {
            async->output_ = *output;
            if (IUnknown *const made = result_object(*output))
                made->AddRef();
        }
        const verdict told = async_worker::finish();
        if (told != verdict::ok)
            async->drop_output();
        return told;
    }

    /// quell_report, for QueryStatus's percent: `ok`, `invalid`.
    [[nodiscard]] verdict report(std::uint64_t done) noexcept {
        return of() == nullptr ? verdict::invalid : of()->progress().report(done);
    }
    /// quell_report_total: `ok`, `invalid`.
    [[nodiscard]] verdict total(std::uint64_t total) noexcept {
        return of() == nullptr ? verdict::invalid : of()->progress().total(total);
    }
};

inline vds_worker vds_async::start() noexcept { return vds_worker(*this, operation_.source()); }

} // namespace quell::com

#endif // QUELL_COM_VDS_ASYNC_HPP
