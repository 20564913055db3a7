// quell: the IVssAsync of a backup object.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Two parties hold an operation: the requester, by interface pointers, and the
// worker that runs it on another thread, which also holds the backup object. A
// requester that lets go cancels nothing.
//
// What is different from vss_async: a Cancel that was accepted ends the backup
// as well. The operation decides, the session follows: whatever moves the session
// past its commit point has committed the operation before, and whoever was told
// that the operation is cancelled aborts the session, the worker included.
//
// A worker ends an operation in this order, so that who has waited for the end
// finds nothing left to do: it settles what the end will be, lets go of the
// backup object, and only then ends it.
#ifndef QUELL_COM_BACKUP_OPERATION_HPP
#define QUELL_COM_BACKUP_OPERATION_HPP

#include <cstring>

#include "backup_host.hpp"
#include "vss_async.hpp"

#include "backup_parts.hpp"

namespace quell::com {

/// The methods that return an operation.
enum class backup_work : std::uint32_t {
    gather_metadata,
    prepare,
    snapshot,
    gather_status,
    complete,
    revert,
};

class backup_operation;

/// What an operation belongs to while it has not ended: the backup object.
class operation_owner {
  public:
    virtual void hold() noexcept = 0;
    virtual void let_go() noexcept = 0;
    /// A Cancel of this operation was accepted.
    virtual void cancelled(backup_operation &which) noexcept = 0;
    /// Runs it to its end, on a thread of the host's.
    virtual void work(backup_operation &which) noexcept = 0;

  protected:
    ~operation_owner() = default;
};

class backup_operation final : public object<backup_operation, IVssAsync> {
    using counted = object<backup_operation, IVssAsync>;

  public:
    /// With the requester's reference. `owner` is held until `detach`.
    backup_operation(backup_host &host, operation_owner &owner, const void *backup,
                     backup_work what) noexcept
        : host_(host), backup_(backup), owner_(&owner), what_(what),
          profile_(host.profile() |
                   (what == backup_work::revert ? QUELL_VSS_PROFILE_REVERT : 0)),
          ignores_(host.ignores_cancel(name(what))), operation_(options_of(what, ignores_)),
          worker_(operation_.source().start()) {
        host_.hold();
        owner.hold();
    }
    ~backup_operation() {
        if (begun_)
            report(happening::operation_destroyed, S_OK);
        host_.let_go();
    }

    // --- the requester's

    ULONG STDMETHODCALLTYPE AddRef() noexcept override {
        return static_cast<ULONG>(InterlockedIncrement(&clients_));
    }
    ULONG STDMETHODCALLTYPE Release() noexcept override {
        const LONG left = InterlockedDecrement(&clients_);
        if (left == 0) {
            report(happening::operation_released, S_OK);
            let_go();
        }
        return static_cast<ULONG>(left);
    }
    /// As vss_async's; and the backup is aborted. From inside what the operation
    /// itself is telling it does not wait (choice): VSS_S_ASYNC_PENDING.
    HRESULT STDMETHODCALLTYPE Cancel() noexcept override {
        hold();
        called("Cancel");
        const HRESULT told = returned("Cancel", cancel());
        let_go();
        return told;
    }
    HRESULT STDMETHODCALLTYPE Wait(DWORD milliseconds) noexcept override {
        hold();
        called("Wait");
        std::uint64_t limit_us = 0;
        quell_reply_t reply = quell_vss_wait_limit(milliseconds, profile_, &limit_us);
        if (reply.verdict == QUELL_OK) {
            quell_status_t seen;
            const quell_verdict_t waited = operation_.wait(limit_us, seen);
            reply = quell_vss_wait_hresult(waited, &seen, profile_);
        }
        (void)detail::hear(reply.verdict);
        const HRESULT told = returned("Wait", static_cast<HRESULT>(reply.code), milliseconds);
        let_go();
        return told;
    }
    HRESULT STDMETHODCALLTYPE QueryStatus(HRESULT *result, INT *) noexcept override {
        called("QueryStatus");
        if (result == nullptr)
            return returned("QueryStatus", E_INVALIDARG);
        *result = status();
        return returned("QueryStatus", S_OK, static_cast<std::uint32_t>(*result));
    }

    // --- the backup object's

    void hold() noexcept { counted::AddRef(); }
    void let_go() noexcept { counted::Release(); }
    backup_work what() const noexcept { return what_; }
    detail::text &note() noexcept { return note_; }
    quell::observer observer() const noexcept { return operation_.source().observer(); }

    /// The backup is aborted: so is this.
    void ask() noexcept {
        std::uint32_t code = 0;
        (void)operation_.cancel(code);
    }
    /// Waits for the end; no longer than so.
    void wait_ms(std::uint32_t limit) noexcept {
        quell_status_t seen;
        (void)operation_.wait(std::uint64_t{limit} * 1000, seen);
    }

    /// It was not its turn: it never was one.
    void discard() noexcept {
        begun_ = false;
        std::exchange(owner_, nullptr)->let_go();
        let_go();
    }

    // --- the worker's

    /// Calls the owner's `work` on another thread. False: it cannot.
    [[nodiscard]] bool run() noexcept {
        return host_.run(
            [](void *self) {
                auto *const which = static_cast<backup_operation *>(self);
                which->owner_->work(*which);
            },
            this);
    }
    /// From here on no Cancel is accepted. False: one was.
    [[nodiscard]] bool commit() noexcept {
        committed_ = committed_ || ignores_ || worker_.commit() == verdict::ok;
        return committed_;
    }
    /// What the end will be, for a worker that came to `result`: S_OK, a failure or
    /// VSS_S_ASYNC_CANCELLED. As QueryStatus will say it.
    HRESULT settle(HRESULT result) noexcept {
        const bool decisive = what_ != backup_work::complete && what_ != backup_work::revert;
        if (result == cancelled_code)
            return result;
        if (!commit() && decisive)
            return cancelled_code;
        return FAILED(result) ? result : static_cast<HRESULT>(QUELL_VSS_S_ASYNC_FINISHED);
    }
    /// Lets go of the backup object.
    void detach(HRESULT settled) noexcept {
        operation_owner *owner = nullptr;
        {
            const detail::guard held(lock_);
            owner = std::exchange(owner_, nullptr);
        }
        report(happening::ended, settled);
        owner->let_go();
    }
    /// Ends it as settled, and lets go of it.
    void end(HRESULT settled) noexcept {
        if (settled == cancelled_code)
            (void)worker_.acknowledge(what_ == backup_work::complete ? effects::partial
                                                                     : effects::none);
        else if (FAILED(settled))
            (void)worker_.fail(static_cast<std::uint32_t>(settled));
        else
            (void)worker_.finish();
        let_go();
    }

    static const char *name(backup_work what) noexcept {
        switch (what) {
        case backup_work::gather_metadata:
            return "GatherWriterMetadata";
        case backup_work::prepare:
            return "PrepareForBackup";
        case backup_work::snapshot:
            return "DoSnapshotSet";
        case backup_work::gather_status:
            return "GatherWriterStatus";
        case backup_work::complete:
            return "BackupComplete";
        case backup_work::revert:
            return "QueryRevertStatus";
        }
        return "";
    }

  private:
    static constexpr HRESULT cancelled_code = static_cast<HRESULT>(QUELL_VSS_S_ASYNC_CANCELLED);

    static async_options options_of(backup_work what, bool ignores) noexcept {
        async_options options;
        // Writers that were told of a success stay told.
        if (what == backup_work::complete || ignores)
            options.mode = mode::best_effort;
        else if (what == backup_work::revert)
            options.mode = mode::uncancellable;
        return options;
    }

    HRESULT cancel() noexcept {
        operation_owner *owner = nullptr;
        {
            const detail::guard held(lock_);
            owner = owner_;
            if (owner != nullptr)
                owner->hold();
        }
        std::uint32_t code = 0;
        const quell_verdict_t told = detail::hear(operation_.cancel(code));
        if (owner != nullptr) {
            if ((told == QUELL_CANCELLING || told == QUELL_REQUESTED) && !ignores_)
                owner->cancelled(*this);
            owner->let_go();
        }
        quell_reply_t reply = quell_vss_cancel_hresult(told, code, profile_);
        if (reply.after_end != 0 && detail::telling != backup_) {
            quell_status_t end;
            (void)operation_.wait(QUELL_FOREVER, end);
            reply = quell_vss_cancel_end_hresult(told, &end, profile_);
        }
        // What was called from inside has been told things as well.
        (void)detail::hear(told);
        return static_cast<HRESULT>(reply.code);
    }
    HRESULT status() const noexcept {
        const quell_status_t seen = operation_.look();
        return static_cast<HRESULT>(quell_vss_status_hresult(&seen, profile_).code);
    }
    HRESULT returned(const char *method, HRESULT code, std::uint32_t given = 0) noexcept {
        const detail::heard told = std::exchange(detail::last_heard, {false, QUELL_OK});
        host_.observed({happening::returned, backup_, this, method, code, pending(), 0,
                        told.asked, static_cast<quell::verdict>(told.verdict), given});
        return code;
    }
    void called(const char *method) noexcept {
        host_.observed({happening::called, backup_, this, method, S_OK, false, 0});
    }
    bool pending() const noexcept {
        return status() == static_cast<HRESULT>(QUELL_VSS_S_ASYNC_PENDING);
    }
    void report(happening what, HRESULT code) noexcept {
        const bool left = what == happening::operation_released && pending();
        host_.observed({what, backup_, this, name(what_), code, left, 0});
    }

    backup_host &host_;
    const void *const backup_;
    SRWLOCK lock_ = SRWLOCK_INIT;
    operation_owner *owner_;
    const backup_work what_;
    const std::uint32_t profile_;
    volatile LONG clients_ = 1;
    bool begun_ = true;
    bool committed_ = false;
    const bool ignores_;
    detail::text note_;
    detail::operation operation_;
    quell::worker worker_;
};

} // namespace quell::com

#endif
