// quell: what other systems' calls return.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Each function is the whole of the call that it names: it asks, and where that call
// has to wait for the end, it waits. A pointer that may not be null and is gets the
// code that the system has for it. What each returns in each state is the table of
// SPEC.md, section Dialects. Header-only, C++17, on every system.
#ifndef QUELL_DIALECTS_HPP
#define QUELL_DIALECTS_HPP

#include <cstdint>

#include "quell.hpp"

namespace quell {

/// What a call of another system returned, and the verdict that says more.
struct [[nodiscard]] reply {
    quell::verdict verdict;
    std::uint32_t hresult;
};

namespace detail {

inline reply of(const quell_reply_t &raw) noexcept {
    return {static_cast<verdict>(raw.verdict), raw.code};
}

inline reply invalid() noexcept { return {verdict::invalid, QUELL_E_INVALIDARG}; }

inline quell_status_t look(const observer &of) noexcept {
    quell_status_t seen;
    (void)quell_op_status(&of.raw(), &seen);
    return seen;
}

/// Asks, and waits for the end where `now` says that the call does.
inline reply cancel(const canceller &c, level l, cause why,
                    decltype(quell_vss_cancel_hresult) now,
                    decltype(quell_vss_cancel_end_hresult) end,
                    std::uint32_t profile) noexcept {
    const answer told = c.cancel(l, why);
    const auto said = static_cast<quell_verdict_t>(told.verdict);
    const quell_reply_t at_once = now(said, told.code, profile);
    if (at_once.after_end == 0)
        return of(at_once);
    (void)quell_wait(&c.raw(), QUELL_EVENT_END, QUELL_FOREVER, nullptr);
    const quell_status_t ended = look(c);
    return of(end(said, &ended, profile));
}

} // namespace detail

/// VSS: IVssAsync, and AbortBackup. The operation has a source.
namespace vss {

/// QUELL_VSS_PROFILE_...; `revert` combines with the others by `|`.
enum class profile : std::uint32_t {
    windows_7 = QUELL_VSS_PROFILE_WINDOWS_7,
    windows_vista = QUELL_VSS_PROFILE_WINDOWS_VISTA,
    windows_server_2003 = QUELL_VSS_PROFILE_WINDOWS_SERVER_2003,
    revert = QUELL_VSS_PROFILE_REVERT,
};
constexpr profile operator|(profile a, profile b) noexcept {
    return static_cast<profile>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}

/// IVssAsync::Cancel: quell_cancel, quell_vss_cancel_hresult; blocks where that
/// says so, then quell_vss_cancel_end_hresult.
inline reply cancel(const canceller &c, profile p = profile::windows_7,
                    level l = level::immediate, cause why = cause::user) noexcept {
    return detail::cancel(c, l, why, quell_vss_cancel_hresult, quell_vss_cancel_end_hresult,
                          static_cast<std::uint32_t>(p));
}

/// IVssAsync::Wait, for so many milliseconds, 0xFFFFFFFF for ever: quell_wait,
/// quell_vss_wait_hresult.
inline reply wait(const observer &o, std::uint32_t milliseconds = 0xFFFFFFFFu,
                  profile p = profile::windows_7) noexcept {
    const auto flags = static_cast<std::uint32_t>(p);
    std::uint64_t limit = 0;
    const quell_reply_t allowed = quell_vss_wait_limit(milliseconds, flags, &limit);
    if (allowed.verdict != QUELL_OK)
        return detail::of(allowed);
    const quell_verdict_t waited = quell_wait(&o.raw(), QUELL_EVENT_END, limit, nullptr);
    const quell_status_t seen = detail::look(o);
    return detail::of(quell_vss_wait_hresult(waited, &seen, flags));
}

/// IVssAsync::QueryStatus: quell_vss_status_hresult goes to `*status`.
inline reply query_status(const observer &o, std::uint32_t *status,
                          profile p = profile::windows_7) noexcept {
    if (status == nullptr)
        return detail::invalid();
    const quell_status_t seen = detail::look(o);
    const quell_reply_t placed = quell_vss_status_hresult(&seen, static_cast<std::uint32_t>(p));
    *status = placed.code;
    return {static_cast<verdict>(placed.verdict), QUELL_S_OK};
}

/// IVssBackupComponents::AbortBackup, of a quell::session: quell_session_abort,
/// quell_vss_abort_hresult; whom it told goes to `*told`.
template <class Session> reply abort(Session &s, quell_aborted_t *told = nullptr,
                                     profile p = profile::windows_7, level l = level::immediate,
                                     cause why = cause::user) {
    const auto said = static_cast<quell_verdict_t>(s.abort(l, why, told));
    return detail::of(quell_vss_abort_hresult(said, static_cast<std::uint32_t>(p)));
}

/// What a method returns whose verb of the session said this:
/// quell_vss_verb_hresult.
inline reply verb(verdict said, profile p = profile::windows_7) noexcept {
    return detail::of(quell_vss_verb_hresult(static_cast<quell_verdict_t>(said),
                                             static_cast<std::uint32_t>(p)));
}

/// How DoSnapshotSet's operation of a session has ended:
/// quell_vss_snapshot_hresult; VSS_S_ASYNC_PENDING where it has not.
inline reply snapshot(const quell_session_status_t &seen,
                      profile p = profile::windows_7) noexcept {
    return detail::of(quell_vss_snapshot_hresult(&seen, static_cast<std::uint32_t>(p)));
}

} // namespace vss

/// VDS: IVdsAsync. The operation has a source.
namespace vds {

/// QUELL_VDS_PROFILE_...; combine with `|`.
enum class profile : std::uint32_t {
    standard = QUELL_VDS_PROFILE_DEFAULT,
    vista_basic_clean = QUELL_VDS_PROFILE_VISTA_BASIC_CLEAN,
    unknown_is_minus_one = QUELL_VDS_PROFILE_UNKNOWN_IS_MINUS_ONE,
};
constexpr profile operator|(profile a, profile b) noexcept {
    return static_cast<profile>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}

/// IVdsAsync::Cancel: quell_cancel, quell_vds_cancel_hresult; blocks where that
/// says so, then quell_vds_cancel_end_hresult.
inline reply cancel(const canceller &c, profile p = profile::standard,
                    level l = level::immediate, cause why = cause::user) noexcept {
    return detail::cancel(c, l, why, quell_vds_cancel_hresult, quell_vds_cancel_end_hresult,
                          static_cast<std::uint32_t>(p));
}

/// IVdsAsync::Wait: quell_wait, quell_vds_wait_hresult; quell_vds_status_hresult
/// goes to `*status`. `success`: what the worker finished with; `limit_us`: the
/// server's own, in microseconds.
inline reply wait(const observer &o, std::uint32_t *status, std::uint32_t success = QUELL_S_OK,
                  std::uint64_t limit_us = QUELL_FOREVER,
                  profile p = profile::standard) noexcept {
    if (status == nullptr)
        return detail::invalid();
    const auto flags = static_cast<std::uint32_t>(p);
    const quell_verdict_t waited = quell_wait(&o.raw(), QUELL_EVENT_END, limit_us, nullptr);
    const quell_status_t seen = detail::look(o);
    *status = quell_vds_status_hresult(&seen, success, flags).code;
    return detail::of(quell_vds_wait_hresult(waited, &seen, flags));
}

/// IVdsAsync::QueryStatus: quell_vds_status_hresult goes to `*status`,
/// quell_vds_percent to `*percent`.
inline reply query_status(const observer &o, std::uint32_t *status, std::uint32_t *percent,
                          const reading &progress, std::uint32_t success = QUELL_S_OK,
                          profile p = profile::standard) noexcept {
    if (status == nullptr || percent == nullptr)
        return detail::invalid();
    const auto flags = static_cast<std::uint32_t>(p);
    const quell_status_t seen = detail::look(o);
    const quell_reply_t placed = quell_vds_status_hresult(&seen, success, flags);
    *status = placed.code;
    *percent = quell_vds_percent(&seen, progress.done, progress.total, flags);
    return {static_cast<verdict>(placed.verdict), QUELL_S_OK};
}

} // namespace vds

/// Windows Server Backup: IWsbApplicationAsync. Nothing waits.
namespace wsb {

/// QUELL_WSB_PROFILE_...
enum class profile : std::uint32_t {
    current = QUELL_WSB_PROFILE_CURRENT,
    documented = QUELL_WSB_PROFILE_DOCUMENTED,
};

/// IWsbApplicationAsync::Abort: quell_cancel, quell_wsb_abort_hresult.
inline reply abort(const canceller &c, profile p = profile::current, level l = level::immediate,
                   cause why = cause::user) noexcept {
    const answer told = c.cancel(l, why);
    return detail::of(quell_wsb_abort_hresult(static_cast<quell_verdict_t>(told.verdict),
                                              told.code, static_cast<std::uint32_t>(p)));
}

/// IWsbApplicationAsync::QueryStatus: quell_wsb_status_hresult goes to `*status`.
inline reply query_status(const observer &o, std::uint32_t *status,
                          profile p = profile::current) noexcept {
    if (status == nullptr)
        return detail::invalid();
    const quell_status_t seen = detail::look(o);
    const quell_reply_t placed = quell_wsb_status_hresult(&seen, static_cast<std::uint32_t>(p));
    *status = placed.code;
    return {static_cast<verdict>(placed.verdict), QUELL_S_OK};
}

} // namespace wsb

/// Group Policy Management: IGPMAsyncCancel and IGPMAsyncProgress. Nothing waits.
namespace gpm {

/// IGPMAsyncCancel::Cancel: quell_cancel, quell_gpm_cancel_hresult.
inline reply cancel(const canceller &c, level l = level::immediate,
                    cause why = cause::user) noexcept {
    const answer told = c.cancel(l, why);
    return detail::of(
        quell_gpm_cancel_hresult(static_cast<quell_verdict_t>(told.verdict), told.code));
}

/// What is said to IGPMAsyncProgress::Status: quell_gpm_report.
inline quell_gpm_report_t report(const observer &o, const reading &progress) noexcept {
    const quell_status_t seen = detail::look(o);
    return quell_gpm_report(&seen, progress.done, progress.total);
}

} // namespace gpm

} // namespace quell

#endif // QUELL_DIALECTS_HPP
