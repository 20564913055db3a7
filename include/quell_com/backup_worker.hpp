// quell: what a backup object does beside its requester.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One operation at a time moves the backup on, on a thread of the host's; those
// that only look may run beside it.
//
// The worker commits DoSnapshotSet's operation before the session announces the
// snapshot, and tells nobody of a snapshot that it did not commit. So a Cancel or
// an AbortBackup that the operation accepted ends the backup, and one that came too
// late finds, a few instructions later, a session that is past its own commit point.
#ifndef QUELL_COM_BACKUP_WORKER_HPP
#define QUELL_COM_BACKUP_WORKER_HPP

#include <atomic>

#include "backup_requests.hpp"

namespace quell::com {

class backup_worker : public backup_requests, protected operation_owner {
  protected:
    explicit backup_worker(backup_host &host) noexcept : backup_requests(host) {}
    ~backup_worker() override = default;

    const void *identity() const noexcept {
        return static_cast<const IVssBackupComponents *>(this);
    }

    /// Whether it is its turn; it is under way from here on.
    [[nodiscard]] bool admit(backup_operation &one) noexcept {
        const detail::guard held(lock_);
        const quell_session_status_t seen = session_.look();
        // An abort that is under way did not find this operation, and could not ask it.
        const bool free = pending_ == nullptr && aborts_ == 0;
        const bool going = free && detail::backup_session::undisturbed(seen);
        const bool started = seen.stage == QUELL_STAGE_SET_STARTED;
        switch (one.what()) {
        case backup_work::gather_metadata:
            if (!initialised() || metadata_ != gathered::none ||
                seen.stage > QUELL_STAGE_PREPARED ||
                (pending_ != nullptr && pending_->what() == backup_work::snapshot))
                return false;
            metadata_ = gathered::pending;
            return true;
        case backup_work::gather_status:
            if (!initialised() || inquiring_)
                return false;
            inquiring_ = true;
            return true;
        case backup_work::revert:
            return initialised();
        case backup_work::prepare:
            if (!going || !started || !(state_set_ || without_writers()))
                return false;
            break;
        case backup_work::snapshot:
            if (!going ||
                !(seen.stage == QUELL_STAGE_PREPARED || (started && without_writers())))
                return false;
            break;
        case backup_work::complete:
            if (!free || seen.stage != QUELL_STAGE_CREATED ||
                seen.completion != QUELL_PHASE_PENDING)
                return false;
            break;
        }
        one.hold();
        pending_ = &one;
        return true;
    }

    /// Ends an operation that came to this, and lets go of it.
    void conclude(backup_operation &which, HRESULT result) noexcept {
        list_of_states none;
        conclude(which, result, none);
    }

    /// It was too late for the operation to be asked, and the session has not
    /// come as far yet: a few instructions of the worker's.
    void wait_for_commit() const noexcept {
        // Ordering: Acquire, partner: the Release stores in `take_snapshot`.
        while (creating_.load(std::memory_order_acquire) &&
               session_.look().set == QUELL_PHASE_RUNNING)
            Sleep(0);
    }

  private:
    using list_of_states = detail::list<writer_state>;

    static constexpr HRESULT cancelled_code = static_cast<HRESULT>(QUELL_VSS_S_ASYNC_CANCELLED);

    void cancelled(backup_operation &which) noexcept override {
        if (moves_on(which.what()))
            (void)session_.abort();
    }

    void work(backup_operation &which) noexcept override {
        list_of_states states;
        const char *const method = backup_operation::name(which.what());
        HRESULT result = ask([&] { return host_.begin(method, which.observer()); });
        if (FAILED(result)) {
            conclude(which, which.what() == backup_work::snapshot ? failed(result) : result);
            return;
        }
        switch (which.what()) {
        case backup_work::gather_metadata:
            result = ask([&] { return host_.identify(which.observer()); });
            break;
        case backup_work::gather_status:
            result = ask([&] { return host_.inquire(which.observer()); });
            if (SUCCEEDED(result) && !look_at_writers(states))
                result = E_OUTOFMEMORY;
            break;
        case backup_work::revert:
            result = ask([&] { return host_.revert(which.note().get()); });
            break;
        case backup_work::prepare:
            result = prepare();
            break;
        case backup_work::snapshot:
            result = take_snapshot(which);
            break;
        case backup_work::complete:
            // Where it does not succeed, an abort came: of writers' refusals only
            // their status tells.
            result = went_well(quell_session_complete(session_.raw())) ? S_OK : cancelled_code;
            break;
        }
        conclude(which, result, states);
    }

    void conclude(backup_operation &which, HRESULT result, list_of_states &states) noexcept {
        const HRESULT settled = which.settle(result);
        if (settled == cancelled_code && moves_on(which.what())) {
            // Whoever cancelled it may not have come as far.
            (void)session_.abort();
            if (which.what() != backup_work::complete)
                (void)session_.aborted(host_.profile());
        }
        bool was_pending = false;
        {
            const detail::guard held(lock_);
            const bool finished = settled == static_cast<HRESULT>(QUELL_VSS_S_ASYNC_FINISHED);
            if (pending_ == &which) {
                pending_ = nullptr;
                was_pending = true;
            }
            if (which.what() == backup_work::gather_metadata)
                metadata_ = finished ? gathered::done : gathered::none;
            if (which.what() == backup_work::gather_status) {
                inquiring_ = false;
                if (finished) {
                    statuses_.swap(states);
                    status_there_ = true;
                }
            }
        }
        if (was_pending)
            which.let_go();
        which.detach(settled);
        which.end(settled);
    }

    static bool moves_on(backup_work what) noexcept {
        return what == backup_work::prepare || what == backup_work::snapshot ||
               what == backup_work::complete;
    }
    /// A writer that refused is one that the backup goes on without.
    static bool went_well(quell_verdict_t told) noexcept {
        return told == QUELL_OK || told == QUELL_FAILED;
    }
    template <class Question> HRESULT ask(Question &&question) noexcept {
        const detail::while_telling inside(identity());
        const HRESULT told = question();
        return FAILED(told) ? told : S_OK;
    }
    bool look_at_writers(list_of_states &states) noexcept {
        UINT count = 0;
        {
            const detail::guard held(lock_);
            count = writers();
        }
        for (UINT place = 0; place < count; ++place) {
            quell_participant_t seen;
            (void)quell_session_participant(session_.raw(), place, &seen);
            const quell_vss_writer_t told = quell_vss_writer(&seen);
            if (!states.push({static_cast<VSS_WRITER_STATE>(told.state),
                              static_cast<HRESULT>(told.failure)}))
                return false;
        }
        return true;
    }

    HRESULT prepare() noexcept {
        return went_well(quell_session_prepare(session_.raw()))
                   ? S_OK
                   : session_.aborted(host_.profile());
    }

    HRESULT take_snapshot(backup_operation &which) noexcept {
        quell_session_t *const session = session_.raw();
        if (session_.look().stage == QUELL_STAGE_SET_STARTED)
            if (const HRESULT code = prepare(); code != S_OK)
                return code;
        detail::backup_watch watch(host_, session_);
        const HRESULT ready = watch ? ask([&] { return host_.ready(); }) : E_OUTOFMEMORY;
        if (FAILED(ready))
            return failed(ready);
        if (!went_well(quell_session_prepare_snapshot(session)) ||
            quell_session_freeze(session) != QUELL_OK ||
            quell_session_hold(session) != QUELL_OK)
            return session_.aborted(host_.profile());
        bool stopped = false;
        if (const HRESULT made = ask_provider(stopped); FAILED(made))
            return stopped ? session_.aborted(host_.profile()) : failed(made);
        if (quell_session_thaw(session) != QUELL_OK)
            return undone();
        watch.stop();
        // Ordering: Release, partner: the Acquire in `wait_for_commit`; whoever is
        // told by the operation that it has committed sees this store.
        creating_.store(true, std::memory_order_release);
        if (!which.commit()) {
            // Ordering: Release, as above.
            creating_.store(false, std::memory_order_release);
            (void)session_.abort();
            return undone();
        }
        host_.committed();
        const bool stands = went_well(quell_session_post_snapshot(session));
        // Ordering: Release, as above.
        creating_.store(false, std::memory_order_release);
        if (!stands)
            return undone();
        for (UINT place = 0; place < set_.size(); ++place) {
            const wchar_t *const device = host_.device(place);
            const detail::guard held(lock_);
            set_.made(place, device);
        }
        return S_OK;
    }
    /// The provider has failed, with the writers told of it or not yet.
    HRESULT failed(HRESULT code) noexcept {
        const quell_verdict_t told =
            quell_session_provider_failed(session_.raw(), static_cast<std::uint32_t>(code));
        // Nothing was prepared, where no writers take part: nothing to note it for.
        return told == QUELL_FAILED || told == QUELL_BAD_STATE
                   ? code
                   : session_.aborted(host_.profile());
    }
    /// The provider was faster than the abort.
    HRESULT undone() noexcept {
        for (UINT place = 0; place < set_.size(); ++place) {
            const HRESULT told = host_.delete_snapshot(place);
            host_.observed(
                {happening::snapshot_gone, identity(), nullptr, "", told, false, place});
        }
        return session_.aborted(host_.profile());
    }
    /// Whatever aborts the session stops the provider.
    HRESULT ask_provider(bool &stopped) noexcept {
        const quell::source asked(mode::best_effort);
        quell::worker provider = asked.start();
        const quell_handle_t means = asked.canceller().raw();
        std::uint32_t place = 0;
        const quell_verdict_t linked = quell_session_link(session_.raw(), &means, &place);
        const HRESULT told = ask([&] { return host_.snapshot(asked.observer()); });
        while (linked == QUELL_OK &&
               quell_session_unlink(session_.raw(), place, nullptr, nullptr) == QUELL_BUSY)
            Sleep(0);
        stopped = asked.poll() != level::none;
        (void)provider.finish();
        return told;
    }

    std::atomic<bool> creating_{false};
};

} // namespace quell::com

#endif
