// quell: the session of a backup object, and its writers.
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef QUELL_COM_BACKUP_SESSION_HPP
#define QUELL_COM_BACKUP_SESSION_HPP

#include <memory>

#include "backup_host.hpp"
#include "backup_parts.hpp"

namespace quell::com::detail {

/// A quell_session_t with as many participants as the host has writers, and one
/// link: for the provider. Pinned.
class backup_session {
  public:
    backup_session(backup_host &host, const void *backup) noexcept
        : host_(host), backup_(backup), writers_(host.writer_count()),
          seats_(new (std::nothrow) quell_seat_t[writers_ + 1]) {
        const backup_limits limits = host.limits();
        quell_session_config_t config{};
        config.struct_size = sizeof config;
        config.participant_count = writers_;
        config.link_count = 1;
        config.freeze_limit = limits.freeze;
        config.hold_limit = limits.hold;
        config.seats = seats_.get();
        config.links = &link_;
        config.lock = &host.lock();
        config.tell = &backup_session::tell;
        config.now = &backup_session::now;
        config.context = this;
        made_ = quell_session_init(&raw_, &config) == QUELL_OK;
    }
    backup_session(const backup_session &) = delete;
    backup_session &operator=(const backup_session &) = delete;

    /// Whether there was memory for it.
    bool made() const noexcept { return made_; }
    std::uint32_t writers() const noexcept { return writers_; }
    quell_session_t *raw() noexcept { return &raw_; }

    quell_session_status_t look() const noexcept {
        quell_session_status_t seen;
        (void)quell_session_look(&raw_, &seen);
        return seen;
    }
    /// Whether there is a set that is being made, or could be, and no abort has
    /// reached it.
    static bool undisturbed(const quell_session_status_t &seen) noexcept {
        return (seen.set == QUELL_PHASE_PENDING || seen.set == QUELL_PHASE_RUNNING) &&
               seen.level == QUELL_LEVEL_NONE;
    }
    /// Whether somebody has still to be told of an abort.
    bool aborting() const noexcept {
        const quell_session_status_t seen = look();
        return seen.set == QUELL_PHASE_RUNNING && seen.level != QUELL_LEVEL_NONE;
    }
    /// Tells the writers that the requester has let go; the last call.
    void release() noexcept { (void)quell_session_release(&raw_); }
    /// Ends the backup: quell_session_abort.
    quell_verdict_t abort() noexcept {
        return quell_session_abort(&raw_, QUELL_LEVEL_IMMEDIATE, QUELL_CAUSE_USER, nullptr);
    }
    /// Initialised anew, for a context in which no writer is told anything; while
    /// nothing was started, and nobody else uses the session.
    [[nodiscard]] bool leave_writers_alone() noexcept {
        return quell_session_release(&raw_) == QUELL_OK &&
               quell_session_initialise(&raw_, QUELL_PURPOSE_BACKUP_ALONE) == QUELL_OK;
    }
    /// Once the set has been aborted: waits until everybody has been told of it;
    /// then, and where the provider failed too early for that, what the snapshot's
    /// operation ends with.
    HRESULT aborted(std::uint32_t profile) noexcept {
        for (;;) {
            const quell_session_status_t seen = look();
            const quell_reply_t reply = quell_vss_snapshot_hresult(&seen, profile);
            if (reply.after_end == 0)
                return static_cast<HRESULT>(reply.code);
            if (undisturbed(seen))
                return static_cast<HRESULT>(QUELL_VSS_E_BAD_STATE);
            Sleep(1);
        }
    }

  private:
    static std::uint32_t tell(void *self, std::uint32_t place, quell_notice_t what) noexcept {
        auto &of = *static_cast<backup_session *>(self);
        const while_telling inside(of.backup_);
        const HRESULT told = of.host_.tell(place, static_cast<notice>(what));
        return FAILED(told) ? static_cast<std::uint32_t>(told) : 0;
    }
    static std::uint32_t now(void *self) noexcept {
        return static_cast<backup_session *>(self)->host_.now_ms();
    }

    backup_host &host_;
    const void *const backup_;
    const std::uint32_t writers_;
    const std::unique_ptr<quell_seat_t[]> seats_;
    quell_link_t link_{};
    quell_session_t raw_{};
    bool made_ = false;
};

/// Looks at the clock beside the worker, which may be stuck in a callback, and
/// aborts the session for whatever is late.
class backup_watch {
  public:
    /// Starts. False as bool: there is no thread for it.
    backup_watch(backup_host &host, backup_session &session) noexcept
        : host_(host), session_(session), period_(host.limits().watch) {
        running_ =
            stop_.raw != nullptr && stopped_.raw != nullptr &&
            host.run([](void *self) { static_cast<backup_watch *>(self)->watch(); }, this);
    }
    backup_watch(const backup_watch &) = delete;
    backup_watch &operator=(const backup_watch &) = delete;
    ~backup_watch() { stop(); }

    explicit operator bool() const noexcept { return running_; }
    /// From here on the clock is not looked at.
    void stop() noexcept {
        if (!std::exchange(running_, false))
            return;
        SetEvent(stop_.raw);
        WaitForSingleObject(stopped_.raw, INFINITE);
    }

  private:
    struct event {
        event() noexcept : raw(CreateEventW(nullptr, TRUE, FALSE, nullptr)) {}
        event(const event &) = delete;
        event &operator=(const event &) = delete;
        ~event() {
            if (raw != nullptr)
                CloseHandle(raw);
        }
        HANDLE raw;
    };

    void watch() noexcept {
        const DWORD period = period_ == 0 ? 1 : period_;
        while (WaitForSingleObject(stop_.raw, period) == WAIT_TIMEOUT)
            (void)quell_session_expire(session_.raw(), host_.now_ms());
        SetEvent(stopped_.raw);
    }

    backup_host &host_;
    backup_session &session_;
    const std::uint32_t period_;
    event stop_;
    event stopped_;
    bool running_ = false;
};

} // namespace quell::com::detail

#endif
