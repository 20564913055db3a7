// quell: cancelling an operation, and knowing what became of it.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The C++17 face of quell.h: the same calls, with the lifetimes that C leaves
// to its users. Header-only; needs neither exceptions nor RTTI. What a call
// does in which context, what it orders and every answer that it gives stand
// at the C function that it names.
#ifndef QUELL_HPP
#define QUELL_HPP

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include "quell.h"

namespace quell {

/// What a call is told: quell_verdict_t.
enum class verdict : std::uint32_t {
    ok = QUELL_OK,
    cancelled = QUELL_CANCELLED,
    cancelling = QUELL_CANCELLING,
    requested = QUELL_REQUESTED,
    raised = QUELL_RAISED,
    already_cancelling = QUELL_ALREADY_CANCELLING,
    already_requested = QUELL_ALREADY_REQUESTED,
    already_cancelled = QUELL_ALREADY_CANCELLED,
    finished = QUELL_FINISHED,
    failed = QUELL_FAILED,
    too_late = QUELL_TOO_LATE,
    unsupported = QUELL_UNSUPPORTED,
    denied = QUELL_DENIED,
    refused = QUELL_REFUSED,
    bad_state = QUELL_BAD_STATE,
    stale = QUELL_STALE,
    invalid = QUELL_INVALID,
    full = QUELL_FULL,
    busy = QUELL_BUSY,
    timed_out = QUELL_TIMED_OUT,
    would_block = QUELL_WOULD_BLOCK,
    running = QUELL_RUNNING,
    ran = QUELL_RAN,
    happened = QUELL_HAPPENED,
    not_found = QUELL_NOT_FOUND,
    ignored = QUELL_IGNORED,
};

/// How urgent a request is: quell_level_t.
enum class level : std::uint32_t {
    none = QUELL_LEVEL_NONE,
    graceful = QUELL_LEVEL_GRACEFUL,
    immediate = QUELL_LEVEL_IMMEDIATE,
    emergency = QUELL_LEVEL_EMERGENCY,
};

/// Why a request was made: quell_cause_t.
enum class cause : std::uint32_t {
    none = QUELL_CAUSE_NONE,
    user = QUELL_CAUSE_USER,
    parent = QUELL_CAUSE_PARENT,
    deadline = QUELL_CAUSE_DEADLINE,
    shutdown = QUELL_CAUSE_SHUTDOWN,
    fault = QUELL_CAUSE_FAULT,
    peer = QUELL_CAUSE_PEER,
    self = QUELL_CAUSE_SELF,
    application_0 = QUELL_CAUSE_APPLICATION_0,
    application_1 = QUELL_CAUSE_APPLICATION_1,
    application_2 = QUELL_CAUSE_APPLICATION_2,
    application_3 = QUELL_CAUSE_APPLICATION_3,
    application_4 = QUELL_CAUSE_APPLICATION_4,
    application_5 = QUELL_CAUSE_APPLICATION_5,
    application_6 = QUELL_CAUSE_APPLICATION_6,
    application_7 = QUELL_CAUSE_APPLICATION_7,
};

/// Where an operation is in its life: quell_phase_t.
enum class phase : std::uint32_t {
    vacant = QUELL_PHASE_VACANT,
    pending = QUELL_PHASE_PENDING,
    running = QUELL_PHASE_RUNNING,
    committed = QUELL_PHASE_COMMITTED,
    finished = QUELL_PHASE_FINISHED,
    failed = QUELL_PHASE_FAILED,
    cancelled = QUELL_PHASE_CANCELLED,
};

/// What an operation that did not finish left behind: quell_effects_t.
enum class effects : std::uint32_t {
    unstated = QUELL_EFFECTS_UNSTATED,
    none = QUELL_EFFECTS_NONE,
    partial = QUELL_EFFECTS_PARTIAL,
    unknown = QUELL_EFFECTS_UNKNOWN,
};

/// How an operation takes a cancel; combine with `|`.
enum class mode : std::uint32_t {
    decisive = QUELL_MODE_DECISIVE,
    best_effort = QUELL_MODE_BEST_EFFORT,
    uncancellable = QUELL_MODE_UNCANCELLABLE,
    gated = QUELL_MODE_GATED,
};

/// What a handle may do; combine with `|`.
enum class rights : std::uint32_t {
    observe = QUELL_RIGHT_OBSERVE,
    cancel = QUELL_RIGHT_CANCEL,
    work = QUELL_RIGHT_WORK,
    own = QUELL_RIGHT_OWN,
    all = QUELL_RIGHT_ALL,
};

constexpr mode operator|(mode a, mode b) noexcept {
    return static_cast<mode>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr rights operator|(rights a, rights b) noexcept {
    return static_cast<rights>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}

inline const char *name(verdict v) noexcept {
    return quell_verdict_name(static_cast<std::uint32_t>(v));
}
inline const char *name(level l) noexcept {
    return quell_level_name(static_cast<std::uint32_t>(l));
}
inline const char *name(cause c) noexcept {
    return quell_cause_name(static_cast<std::uint32_t>(c));
}
inline const char *name(phase p) noexcept {
    return quell_phase_name(static_cast<std::uint32_t>(p));
}
inline const char *name(effects e) noexcept {
    return quell_effects_name(static_cast<std::uint32_t>(e));
}

/// The category of verdicts as std::error_code. `ok` is no error; the others
/// compare equal to the std::errc that says most of what they say:
/// operation_canceled for the cancelled ones, operation_in_progress for those
/// whose end is to come, and so on.
class verdict_category final : public std::error_category {
  public:
    const char *name() const noexcept override { return "quell"; }
    std::string message(int value) const override {
        return quell_verdict_name(static_cast<std::uint32_t>(value));
    }
    std::error_condition default_error_condition(int value) const noexcept override {
        switch (static_cast<verdict>(value)) {
        case verdict::cancelled:
        case verdict::already_cancelled:
            return std::errc::operation_canceled;
        case verdict::cancelling:
        case verdict::requested:
        case verdict::raised:
        case verdict::already_cancelling:
        case verdict::already_requested:
            return std::errc::operation_in_progress;
        case verdict::unsupported:
            return std::errc::operation_not_supported;
        case verdict::denied:
            return std::errc::operation_not_permitted;
        case verdict::invalid:
            return std::errc::invalid_argument;
        case verdict::full:
            return std::errc::no_buffer_space;
        case verdict::busy:
        case verdict::running:
            return std::errc::device_or_resource_busy;
        case verdict::timed_out:
            return std::errc::timed_out;
        case verdict::would_block:
            return std::errc::operation_would_block;
        case verdict::ok:
        case verdict::finished:
        case verdict::failed:
        case verdict::too_late:
        case verdict::refused:
        case verdict::bad_state:
        case verdict::stale:
        case verdict::ran:
        case verdict::happened:
        case verdict::not_found:
        case verdict::ignored:
            break;
        }
        return std::error_condition(value, *this);
    }
};

inline const std::error_category &category() noexcept {
    static const verdict_category instance;
    return instance;
}
inline std::error_code make_error_code(verdict v) noexcept {
    return {static_cast<int>(v), category()};
}

/// What a requester is told.
struct [[nodiscard]] answer {
    quell::verdict verdict;
    /// With `failed` the operation's own code, with `refused` the gate's.
    std::uint32_t code;
};

/// How an operation ended: finished, failed with a code, cancelled with effects.
struct outcome {
    /// `finished`, `failed` or `cancelled`; another phase: it has not ended.
    quell::phase phase;
    /// What a cancelled or forced operation left behind.
    quell::effects effects;
    /// The operation's own code, or zero.
    std::uint32_t code;

    constexpr explicit operator bool() const noexcept {
        return phase == quell::phase::finished || phase == quell::phase::failed ||
               phase == quell::phase::cancelled;
    }
    /// No error if it finished; verdict::cancelled, which equals
    /// std::errc::operation_canceled; verdict::failed; verdict::bad_state if it
    /// has not ended.
    std::error_code error() const noexcept {
        switch (phase) {
        case quell::phase::finished:
            return make_error_code(verdict::ok);
        case quell::phase::failed:
            return make_error_code(verdict::failed);
        case quell::phase::cancelled:
            return make_error_code(verdict::cancelled);
        case quell::phase::vacant:
        case quell::phase::pending:
        case quell::phase::running:
        case quell::phase::committed:
            break;
        }
        return make_error_code(verdict::bad_state);
    }
};

/// One consistent look at an operation: quell_status_t.
struct status {
    quell::phase phase;
    quell::level level;
    quell::cause cause;
    quell::effects effects;
    std::uint32_t code;
    std::uint32_t shields;
    quell::mode mode;
    std::uint32_t generation;

    constexpr quell::outcome outcome() const noexcept { return {phase, effects, code}; }
    constexpr bool ended() const noexcept { return static_cast<bool>(outcome()); }
};

/// What a hook asks for, or is told of; combine with `|`.
enum class events : std::uint32_t {
    none = 0,
    request = QUELL_EVENT_REQUEST,
    raise = QUELL_EVENT_RAISE,
    end = QUELL_EVENT_END,
    all = QUELL_EVENT_ALL,
};

constexpr events operator|(events a, events b) noexcept {
    return static_cast<events>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr events operator&(events a, events b) noexcept {
    return static_cast<events>(static_cast<std::uint32_t>(a) & static_cast<std::uint32_t>(b));
}

/// What a hook, or who waits, is told: quell_told_t.
struct told {
    /// What has happened since this hook was told last.
    quell::events events;
    quell::phase phase;
    quell::level level;
    quell::cause cause;
    quell::effects effects;
    std::uint32_t code;

    static constexpr told of(const quell_told_t &raw) noexcept {
        return {static_cast<quell::events>(raw.events),   static_cast<quell::phase>(raw.phase),
                static_cast<quell::level>(raw.level),     static_cast<quell::cause>(raw.cause),
                static_cast<quell::effects>(raw.effects), raw.code};
    }
    constexpr quell::outcome outcome() const noexcept { return {phase, effects, code}; }
    /// Whether any of these has happened.
    constexpr bool has(quell::events of) const noexcept {
        return (events & of) != quell::events::none;
    }
};

/// What became of waiting: true, and what was told; else why not.
struct [[nodiscard]] waited {
    /// quell_wait: `ok`, `timed_out`, `ran`, `would_block`, `unsupported`,
    /// `bad_state`, `stale`, `invalid`.
    quell::verdict verdict;
    quell::told told;

    constexpr explicit operator bool() const noexcept { return verdict == quell::verdict::ok; }
};

/// Asked before a running gated operation takes a request: holds a callable
/// `std::uint32_t(level, cause)`, which returns zero to let the request pass.
/// Pinned: the handles that bring it point to it.
template <class Ask> class gate {
  public:
    explicit gate(Ask ask) noexcept(std::is_nothrow_move_constructible_v<Ask>)
        : ask_(std::move(ask)), raw_{&gate::call, this} {}
    gate(const gate &) = delete;
    gate &operator=(const gate &) = delete;

    const quell_gate_t *get() const noexcept { return &raw_; }

  private:
    static std::uint32_t call(void *self, quell_level_t level, quell_cause_t cause) {
        return static_cast<gate *>(self)->ask_(static_cast<quell::level>(level),
                                               static_cast<quell::cause>(cause));
    }

    Ask ask_;
    quell_gate_t raw_;
};

/// A handle that looks. Copy it freely; a default one is of nothing, and is
/// told `invalid`. It does not keep the operation alive.
class observer {
  public:
    observer() noexcept = default;
    explicit observer(const quell_handle_t &raw) noexcept : raw_(raw) {}

    /// quell_op_status: `ok`, `stale`, `invalid`.
    [[nodiscard]] verdict look(status &into) const noexcept {
        quell_status_t seen;
        auto told = static_cast<verdict>(quell_op_status(&raw_, &seen));
        into = {static_cast<phase>(seen.phase),
                static_cast<level>(seen.level),
                static_cast<cause>(seen.cause),
                static_cast<effects>(seen.effects),
                seen.code,
                seen.shields,
                static_cast<mode>(seen.mode),
                seen.generation};
        return told;
    }

    /// quell_wait, of an operation that has a source; without a limit.
    waited wait(events of = events::end) const noexcept { return wait_us(of, QUELL_FOREVER); }
    /// quell_wait, no longer than `limit`, which is rounded up to microseconds.
    template <class Rep, class Period> waited wait_for(std::chrono::duration<Rep, Period> limit,
                                                       events of = events::end) const noexcept {
        using microseconds = std::chrono::duration<double, std::micro>;
        const double us = std::chrono::duration_cast<microseconds>(limit).count();
        if (!(us > 0))
            return wait_us(of, 0);
        // What 64 bits do not hold is half a million years: for ever.
        if (us >= 18446744073709549568.0)
            return wait_us(of, QUELL_FOREVER);
        const auto whole = static_cast<std::uint64_t>(us);
        return wait_us(of, static_cast<double>(whole) < us ? whole + 1 : whole);
    }
    /// quell_wait, until this moment at the latest.
    template <class Clock, class Duration> waited
    wait_until(std::chrono::time_point<Clock, Duration> moment, events of = events::end) const {
        return wait_for(moment - Clock::now(), of);
    }

    /// quell_settle: `ok`, `would_block`, `invalid`.
    verdict settle() const noexcept { return static_cast<verdict>(quell_settle(&raw_)); }

    /// Whether there is an operation that could be cancelled.
    bool stop_possible() const noexcept { return raw_.op != nullptr; }
    /// quell_op_poll: whether whoever works on it is to stop.
    bool stop_requested() const noexcept {
        return raw_.op != nullptr && quell_op_poll(raw_.op) != QUELL_LEVEL_NONE;
    }

    const quell_handle_t &raw() const noexcept { return raw_; }

  protected:
    quell_handle_t raw_{};

  private:
    waited wait_us(events of, std::uint64_t limit) const noexcept {
        quell_told_t raw;
        auto verdict = quell_wait(&raw_, static_cast<std::uint32_t>(of), limit, &raw);
        return {static_cast<quell::verdict>(verdict), told::of(raw)};
    }
};

/// A handle that asks for a cancel.
class canceller : public observer {
  public:
    canceller() noexcept = default;
    explicit canceller(const quell_handle_t &raw) noexcept { adopt(raw); }

    /// A canceller of whatever operation is in `op` now: quell_op_open.
    static canceller of(quell_op_t &op) noexcept {
        canceller opened;
        (void)quell_op_open(&op, QUELL_RIGHT_CANCEL, &opened.raw_);
        return opened;
    }

    /// quell_cancel.
    answer cancel(level l = level::graceful, cause c = cause::user) const noexcept {
        std::uint32_t code = 0;
        auto told = quell_cancel(&raw_, static_cast<quell_level_t>(l),
                                 static_cast<quell_cause_t>(c), &code);
        return {static_cast<verdict>(told), code};
    }

    /// quell_cancel_from_isr: for a signal handler, or an interrupt.
    answer cancel_from_isr(level l = level::graceful, cause c = cause::user) const noexcept {
        std::uint32_t code = 0;
        auto told = quell_cancel_from_isr(&raw_, static_cast<quell_level_t>(l),
                                          static_cast<quell_cause_t>(c), &code);
        return {static_cast<verdict>(told), code};
    }

    /// The same handle, bringing a gate. The gate must stay in place while the
    /// copy is used.
    template <class Ask> canceller with(const gate<Ask> &g) const noexcept {
        canceller gated;
        (void)quell_handle_with_gate(&raw_, g.get(), &gated.raw_);
        return gated;
    }

  private:
    void adopt(const quell_handle_t &from) noexcept {
        (void)quell_handle_narrow(&from, QUELL_RIGHT_CANCEL, &raw_);
    }
};

/// The one party that runs an operation. Destroyed before it has ended the
/// operation, it fails it with QUELL_CODE_ABANDONED: an operation always ends.
/// So the operation must outlive it, unless it has ended the operation itself.
class worker {
  public:
    /// No worker: false, and told `invalid`.
    worker() noexcept = default;
    worker(worker &&other) noexcept { swap(other); }
    worker &operator=(worker &&other) noexcept {
        worker taken(std::move(other));
        swap(taken);
        return *this;
    }
    worker(const worker &) = delete;
    worker &operator=(const worker &) = delete;
    // Once it has ended the operation, it may outlive the operation's memory.
    ~worker() {
        const auto left = static_cast<phase>(raw_.left >> 28 & 7u);
        if (left == phase::running || left == phase::committed)
            (void)quell_op_fail(&raw_, QUELL_CODE_ABANDONED);
    }

    /// quell_op_start. Whether it started: the worker as bool; why not:
    /// `refusal()`.
    static worker start(const quell_handle_t &from) noexcept {
        worker started;
        started.refusal_ = static_cast<verdict>(quell_op_start(&from, &started.raw_));
        return started;
    }

    explicit operator bool() const noexcept { return raw_.op != nullptr; }
    /// What the start was told: `ok`, `cancelled`, `bad_state`, `denied`,
    /// `stale`, `invalid`.
    verdict refusal() const noexcept { return refusal_; }

    /// quell_worker_poll, for a worker that started: one load, one compare.
    level poll() const noexcept { return static_cast<level>(quell_worker_poll(&raw_)); }

    /// quell_op_commit: `ok`, `cancelling`, `bad_state`, `stale`, `invalid`.
    [[nodiscard]] verdict commit() noexcept {
        return static_cast<verdict>(quell_op_commit(&raw_));
    }
    /// quell_op_finish: `ok`, `cancelling`, `bad_state`, `stale`, `invalid`.
    [[nodiscard]] verdict finish() noexcept {
        return static_cast<verdict>(quell_op_finish(&raw_));
    }
    /// quell_op_fail: `ok`, `cancelled`, `bad_state`, `stale`, `invalid`.
    [[nodiscard]] verdict fail(std::uint32_t code) noexcept {
        return static_cast<verdict>(quell_op_fail(&raw_, code));
    }
    /// quell_op_acknowledge: `ok`, `bad_state`, `stale`, `invalid`.
    [[nodiscard]] verdict acknowledge(effects left) noexcept {
        return static_cast<verdict>(
            quell_op_acknowledge(&raw_, static_cast<quell_effects_t>(left)));
    }

    /// A handle that looks at the operation, for the cause of a request.
    observer observe() const noexcept {
        quell_handle_t raw;
        (void)quell_worker_handle(&raw_, &raw);
        (void)quell_handle_narrow(&raw, QUELL_RIGHT_OBSERVE, &raw);
        return observer(raw);
    }

    const quell_worker_t &raw() const noexcept { return raw_; }
    quell_worker_t &raw() noexcept { return raw_; }

  private:
    void swap(worker &other) noexcept {
        std::swap(raw_, other.raw_);
        std::swap(refusal_, other.refusal_);
    }

    quell_worker_t raw_{};
    verdict refusal_ = verdict::invalid;
};

/// A region in which requests are recorded but not shown to the worker.
class shield {
  public:
    /// quell_op_shield; whether it is up: the shield as bool.
    explicit shield(worker &w) noexcept : worker_(&w.raw()) {
        if (quell_op_shield(worker_) != QUELL_OK)
            worker_ = nullptr;
    }
    shield(const shield &) = delete;
    shield &operator=(const shield &) = delete;
    ~shield() { (void)lower(); }

    explicit operator bool() const noexcept { return worker_ != nullptr; }

    /// quell_op_unshield, before the region's end: the level to obey now.
    level lower() noexcept {
        quell_level_t visible = QUELL_LEVEL_NONE;
        if (worker_ != nullptr)
            (void)quell_op_unshield(std::exchange(worker_, nullptr), &visible);
        return static_cast<level>(visible);
    }

  private:
    quell_worker_t *worker_;
};

/// The owner of an operation that lies elsewhere: in a command slot, in shared
/// memory. Destroying it changes nothing.
class owner : public observer {
  public:
    owner() noexcept = default;

    /// quell_op_arm. Whether it is armed: the owner as bool; why not:
    /// `refusal()`.
    static owner arm(quell_op_t &op, mode m = mode::decisive) noexcept {
        owner armed;
        armed.refusal_ =
            static_cast<verdict>(quell_op_arm(&op, static_cast<std::uint32_t>(m), &armed.raw_));
        return armed;
    }
    /// quell_source_arm.
    static owner arm(quell_source_t &source, mode m = mode::decisive) noexcept {
        owner armed;
        armed.refusal_ = static_cast<verdict>(
            quell_source_arm(&source, static_cast<std::uint32_t>(m), &armed.raw_));
        return armed;
    }
    /// Takes over an operation whose owner is gone: quell_op_open.
    static owner adopt(quell_op_t &op) noexcept {
        owner adopted;
        adopted.refusal_ =
            static_cast<verdict>(quell_op_open(&op, QUELL_RIGHT_ALL, &adopted.raw_));
        return adopted;
    }

    explicit operator bool() const noexcept { return raw_.op != nullptr; }
    verdict refusal() const noexcept { return refusal_; }

    /// quell_op_start.
    quell::worker start() const noexcept { return worker::start(raw_); }
    quell::canceller canceller() const noexcept { return quell::canceller(raw_); }
    /// quell_op_force: `ok`, `bad_state`, `stale`, `invalid`.
    [[nodiscard]] verdict force(std::uint32_t code) const noexcept {
        return static_cast<verdict>(quell_op_force(&raw_, code));
    }
    /// quell_op_retire: `ok`, `bad_state`, `busy`, `stale`, `invalid`.
    [[nodiscard]] verdict retire() const noexcept {
        return static_cast<verdict>(quell_op_retire(&raw_));
    }

  private:
    verdict refusal_ = verdict::invalid;
};

/// An operation and its owner in one, for a stack frame or an object. Pinned:
/// handles point into it, and none may be used after it is destroyed.
class operation {
  public:
    explicit operation(mode m = mode::decisive) noexcept : owner_(owner::arm(op_, m)) {}
    operation(const operation &) = delete;
    operation &operator=(const operation &) = delete;

    quell::worker start() const noexcept { return owner_.start(); }
    quell::canceller canceller() const noexcept { return owner_.canceller(); }
    quell::observer observer() const noexcept { return owner_; }
    const quell::owner &owner() const noexcept { return owner_; }

    /// quell_op_poll, for code that is handed only the operation: one load,
    /// one test.
    level poll() const noexcept { return static_cast<level>(quell_op_poll(&op_)); }
    /// quell_op_status.
    quell::status status() const noexcept {
        quell::status seen{};
        (void)owner_.look(seen);
        return seen;
    }
    /// Ends one life and begins the next: quell_op_retire, quell_op_arm.
    [[nodiscard]] verdict rearm(mode m = mode::decisive) noexcept {
        verdict told = owner_.retire();
        if (told != verdict::ok)
            return told;
        owner_ = owner::arm(op_, m);
        return owner_.refusal();
    }

    quell_op_t &raw() noexcept { return op_; }
    const quell_op_t &raw() const noexcept { return op_; }

  private:
    quell_op_t op_ = QUELL_OP_INIT;
    quell::owner owner_;
};

// --- progress, deadlines, sessions

/// How much was done, of how much: quell_reading_t.
struct reading {
    std::uint64_t done;
    /// Zero where it is not known.
    std::uint64_t total;

    /// quell_percent: 0 to 100, or QUELL_SHARE_UNKNOWN.
    std::uint32_t percent() const noexcept {
        const quell_reading_t raw = {done, total};
        return quell_percent(&raw);
    }
    /// quell_permille: 0 to 1000, or QUELL_SHARE_UNKNOWN.
    std::uint32_t permille() const noexcept {
        const quell_reading_t raw = {done, total};
        return quell_permille(&raw);
    }
};

/// Done and total, for anyone to read at any time. Pinned.
class progress {
  public:
    progress() noexcept = default;
    progress(const progress &) = delete;
    progress &operator=(const progress &) = delete;

    /// quell_progress_read.
    quell::reading read() const noexcept { return read(raw_); }
    /// The same of one that lies elsewhere, as in shared memory.
    static quell::reading read(const quell_progress_t &raw) noexcept {
        quell_reading_t seen;
        (void)quell_progress_read(&raw, &seen);
        return {seen.done, seen.total};
    }
    /// quell_progress_reset.
    void reset() noexcept { (void)quell_progress_reset(&raw_); }

    quell_progress_t &raw() noexcept { return raw_; }

  private:
    quell_progress_t raw_ = QUELL_PROGRESS_INIT;
};

/// The worker's end of a progress. `told(reading, canceller)` is called by
/// `report`, every `step` units and when the total is reached; it may cancel.
/// Pinned.
template <class Told> class reporter {
  public:
    reporter(quell_progress_t &of, Told told, std::uint64_t step = 0,
             const canceller &means = {})
        : told_(std::move(told)), subscriber_{sizeof subscriber_, 0,   &reporter::call, this,
                                              means.raw(),        step} {
        (void)quell_reporter_init(&raw_, &of, &subscriber_);
    }
    reporter(progress &of, Told told, std::uint64_t step = 0, const canceller &means = {})
        : reporter(of.raw(), std::move(told), step, means) {}
    reporter(const reporter &) = delete;
    reporter &operator=(const reporter &) = delete;

    /// quell_report: `ok`, `invalid`.
    [[nodiscard]] verdict report(std::uint64_t done) {
        return static_cast<verdict>(quell_report(&raw_, done));
    }
    /// quell_report_total: `ok`, `invalid`.
    [[nodiscard]] verdict total(std::uint64_t total) noexcept {
        return static_cast<verdict>(quell_report_total(&raw_, total));
    }

  private:
    static void call(void *self, const quell_reading_t *seen, const quell_handle_t *means) {
        static_cast<reporter *>(self)->told_(quell::reading{seen->done, seen->total},
                                             quell::canceller(*means));
    }

    Told told_;
    quell_subscriber_t subscriber_;
    quell_reporter_t raw_{};
};

/// Room for `N` deadlines over a tick counter that wraps after `tick_bits`
/// bits. Pinned; one party at a time uses it.
template <std::uint32_t N> class deadlines {
  public:
    explicit deadlines(std::uint32_t tick_bits = 64) noexcept {
        (void)quell_deadlines_init(&raw_, slots_, N, tick_bits);
    }
    deadlines(const deadlines &) = delete;
    deadlines &operator=(const deadlines &) = delete;

    /// quell_deadlines_add: `ok` and the deadline's name; `full`, `invalid`.
    [[nodiscard]] std::pair<verdict, std::uint32_t> add(std::uint64_t now, std::uint64_t delay,
                                                        const canceller &target,
                                                        level l = level::graceful) noexcept {
        std::uint32_t id = 0;
        auto told = quell_deadlines_add(&raw_, now, delay, static_cast<quell_level_t>(l),
                                        &target.raw(), &id);
        return {static_cast<verdict>(told), id};
    }
    /// quell_deadlines_disarm: `ok`, `not_found`.
    [[nodiscard]] verdict disarm(std::uint32_t id) noexcept {
        return static_cast<verdict>(quell_deadlines_disarm(&raw_, id));
    }
    /// quell_deadlines_next: `ok` and the tick; `not_found`.
    [[nodiscard]] std::pair<verdict, std::uint64_t> next() noexcept {
        std::uint64_t expiry = 0;
        auto told = quell_deadlines_next(&raw_, &expiry);
        return {static_cast<verdict>(told), expiry};
    }
    /// quell_deadlines_expire: how many there were, each of them told to
    /// `told(id, answer)`.
    template <class Told> std::uint32_t expire(std::uint64_t now, Told &&told) {
        std::uint32_t count = 0;
        auto *const context =
            const_cast<void *>(static_cast<const void *>(std::addressof(told)));
        (void)quell_deadlines_expire(&raw_, now, &call<std::remove_reference_t<Told>>, context,
                                     &count);
        return count;
    }
    std::uint32_t expire(std::uint64_t now) {
        return expire(now, [](std::uint32_t, answer) {});
    }
    std::uint32_t size() const noexcept { return raw_.count; }

  private:
    template <class Told>
    static void call(void *told, std::uint32_t id, quell_verdict_t v, std::uint32_t code) {
        (*static_cast<Told *>(told))(id, answer{static_cast<verdict>(v), code});
    }

    quell_deadline_t slots_[N];
    quell_deadlines_t raw_{};
};

/// What a participant of a session is told: quell_notice_t.
enum class notice : std::uint32_t {
    none = QUELL_NOTICE_NONE,
    prepare = QUELL_NOTICE_PREPARE,
    prepare_snapshot = QUELL_NOTICE_PREPARE_SNAPSHOT,
    freeze = QUELL_NOTICE_FREEZE,
    thaw = QUELL_NOTICE_THAW,
    post_snapshot = QUELL_NOTICE_POST_SNAPSHOT,
    complete = QUELL_NOTICE_COMPLETE,
    abort = QUELL_NOTICE_ABORT,
    shutdown = QUELL_NOTICE_SHUTDOWN,
};

/// What a session is for: quell_purpose_t.
enum class purpose : std::uint32_t {
    backup = QUELL_PURPOSE_BACKUP,
    backup_alone = QUELL_PURPOSE_BACKUP_ALONE,
    restore = QUELL_PURPOSE_RESTORE,
};

/// A session of `Participants`, with room for `Links` linked operations. `Host`
/// has `std::uint32_t tell(std::uint32_t participant, notice)`, which returns
/// zero or the participant's own code, and `std::uint32_t now()`; neither may
/// throw. Pinned.
///
/// Destroyed, it is released: participants that are frozen are told of an
/// abort. No other party may use it then.
template <class Host, std::uint32_t Participants, std::uint32_t Links = 1> class session {
  public:
    session(Host &host, quell_session_lock_t &lock, std::uint32_t freeze_limit = 0,
            std::uint32_t hold_limit = 0) noexcept {
        quell_session_config_t config{};
        config.struct_size = sizeof config;
        config.participant_count = Participants;
        config.link_count = Links;
        config.freeze_limit = freeze_limit;
        config.hold_limit = hold_limit;
        config.seats = seats_;
        config.links = links_;
        config.lock = &lock;
        config.tell = &session::tell;
        config.now = &session::now;
        config.context = &host;
        (void)quell_session_init(&raw_, &config);
    }
    session(const session &) = delete;
    session &operator=(const session &) = delete;
    ~session() { (void)release(); }

    // The requester's verbs, each the C function of its name.
    [[nodiscard]] verdict initialise(purpose p = purpose::backup) {
        return static_cast<verdict>(
            quell_session_initialise(&raw_, static_cast<std::uint32_t>(p)));
    }
    [[nodiscard]] verdict start_set() { return of(quell_session_start_set(&raw_)); }
    [[nodiscard]] verdict prepare() { return of(quell_session_prepare(&raw_)); }
    [[nodiscard]] verdict prepare_snapshot() {
        return of(quell_session_prepare_snapshot(&raw_));
    }
    [[nodiscard]] verdict freeze() { return of(quell_session_freeze(&raw_)); }
    [[nodiscard]] verdict hold() { return of(quell_session_hold(&raw_)); }
    [[nodiscard]] verdict thaw() { return of(quell_session_thaw(&raw_)); }
    [[nodiscard]] verdict post_snapshot() { return of(quell_session_post_snapshot(&raw_)); }
    [[nodiscard]] verdict complete() { return of(quell_session_complete(&raw_)); }
    [[nodiscard]] verdict provider_failed(std::uint32_t code) {
        return of(quell_session_provider_failed(&raw_, code));
    }
    verdict release() { return of(quell_session_release(&raw_)); }

    /// quell_session_abort; whom it told goes to `*told`.
    verdict abort(level l = level::immediate, cause c = cause::user,
                  quell_aborted_t *told = nullptr) {
        return of(quell_session_abort(&raw_, static_cast<quell_level_t>(l),
                                      static_cast<quell_cause_t>(c), told));
    }
    /// quell_session_expire: `ok`, `timed_out`.
    verdict expire(std::uint32_t now) { return of(quell_session_expire(&raw_, now)); }

    /// quell_session_link: `ok` and the link's place; `too_late`, `full`, `invalid`.
    [[nodiscard]] std::pair<verdict, std::uint32_t> link(const canceller &target) {
        std::uint32_t place = 0;
        auto told = of(quell_session_link(&raw_, &target.raw(), &place));
        return {told, place};
    }
    /// quell_session_unlink: `ok`, `ran`, `busy`, `not_found`; what the operation
    /// answered goes to `*told`.
    [[nodiscard]] verdict unlink(std::uint32_t place, answer *told = nullptr) {
        quell_verdict_t v = QUELL_OK;
        std::uint32_t code = 0;
        auto unlinked = of(quell_session_unlink(&raw_, place, &v, &code));
        if (told != nullptr)
            *told = {static_cast<verdict>(v), code};
        return unlinked;
    }

    /// quell_session_look.
    quell_session_status_t status() const noexcept {
        quell_session_status_t seen;
        (void)quell_session_look(&raw_, &seen);
        return seen;
    }
    /// quell_session_participant; all-zero for one that is not there.
    quell_participant_t participant(std::uint32_t place) const noexcept {
        quell_participant_t seen;
        (void)quell_session_participant(&raw_, place, &seen);
        return seen;
    }

  private:
    static verdict of(quell_verdict_t told) noexcept { return static_cast<verdict>(told); }
    static std::uint32_t tell(void *host, std::uint32_t participant, quell_notice_t n) {
        return static_cast<Host *>(host)->tell(participant, static_cast<notice>(n));
    }
    static std::uint32_t now(void *host) { return static_cast<Host *>(host)->now(); }

    quell_seat_t seats_[Participants];
    quell_link_t links_[Links];
    quell_session_t raw_{};
};

/// An operation that tells callbacks and wakes who waits, and its owner in one.
/// Pinned. Destroyed after its operation has ended, and after the callbacks and
/// scopes that were added to it, whose own destructors wait for what is running.
class source {
  public:
    explicit source(mode m = mode::decisive) noexcept : owner_(owner::arm(source_, m)) {}
    source(const source &) = delete;
    source &operator=(const source &) = delete;
    ~source() { (void)owner_.settle(); }

    quell::worker start() const noexcept { return owner_.start(); }
    quell::canceller canceller() const noexcept { return owner_.canceller(); }
    quell::observer observer() const noexcept { return owner_; }
    const quell::owner &owner() const noexcept { return owner_; }
    /// quell_op_poll: one load, one test.
    level poll() const noexcept { return static_cast<level>(quell_op_poll(&source_.op)); }
    /// quell_op_status.
    quell::status status() const noexcept {
        quell::status seen{};
        (void)owner_.look(seen);
        return seen;
    }
    /// Ends one life and begins the next: quell_settle, quell_op_retire,
    /// quell_source_arm.
    [[nodiscard]] verdict rearm(mode m = mode::decisive) noexcept {
        (void)owner_.settle();
        verdict told = owner_.retire();
        if (told != verdict::ok)
            return told;
        owner_ = owner::arm(source_, m);
        return owner_.refusal();
    }

    quell_source_t &raw() noexcept { return source_; }

  private:
    quell_source_t source_ = QUELL_SOURCE_INIT;
    quell::owner owner_;
};

/// A callable `void(const told &)`, called when something happens to an
/// operation that has a source; at once, where it has happened already. As
/// std::stop_callback: no allocation, and its destructor waits for a call that
/// is under way on another thread. The callable must not throw.
template <class F> class callback {
  public:
    /// quell_hook_add_and_tell; what that said: `added()`.
    callback(const observer &of, events e,
             F f) noexcept(std::is_nothrow_move_constructible_v<F>)
        : f_(std::move(f)), of_(of) {
        added_ = static_cast<verdict>(quell_hook_add_and_tell(
            &of_.raw(), &hook_, &callback::call, this, static_cast<std::uint32_t>(e)));
    }
    callback(const callback &) = delete;
    callback &operator=(const callback &) = delete;
    ~callback() { (void)quell_hook_detach_sync(&of_.raw(), &hook_); }

    /// `ok`, `happened`, `ran`, `bad_state`, `unsupported`, `stale`, `invalid`.
    verdict added() const noexcept { return added_; }
    /// quell_hook_detach: `ok`, `running`, `ran`, `not_found`.
    verdict detach() noexcept {
        return static_cast<verdict>(quell_hook_detach(&of_.raw(), &hook_));
    }

  private:
    static void call(void *self, const quell_told_t *raw) {
        static_cast<callback *>(self)->f_(told::of(*raw));
    }

    quell_hook_t hook_ = QUELL_HOOK_INIT;
    F f_;
    observer of_;
    verdict added_;
};

/// A scope: cancelling it cancels all below. Pinned; closed when destroyed, and
/// destroyed before its parent.
class scope {
  public:
    /// quell_scope_open; what that said: `opened()`.
    scope() noexcept : opened_(static_cast<verdict>(quell_scope_open(&scope_, nullptr))) {}
    explicit scope(scope &parent) noexcept
        : opened_(static_cast<verdict>(quell_scope_open(&scope_, &parent.scope_))) {}
    /// quell_scope_open_below: below any operation that has a source.
    explicit scope(const observer &parent, bool shielded = false) noexcept
        : opened_(static_cast<verdict>(
              quell_scope_open_below(&scope_, &parent.raw(), shielded ? 1 : 0))) {}
    scope(const scope &) = delete;
    scope &operator=(const scope &) = delete;
    ~scope() { (void)quell_scope_close(&scope_); }

    verdict opened() const noexcept { return opened_; }
    /// quell_scope_cancel.
    verdict cancel(level l = level::graceful, cause c = cause::user) noexcept {
        return static_cast<verdict>(quell_scope_cancel(&scope_, static_cast<quell_level_t>(l),
                                                       static_cast<quell_cause_t>(c)));
    }
    /// quell_scope_poll: one load, one test.
    level poll() const noexcept { return static_cast<level>(quell_scope_poll(&scope_)); }
    /// quell_scope_shield: `ok`, `bad_state`.
    verdict shield(bool shielded) noexcept {
        return static_cast<verdict>(quell_scope_shield(&scope_, shielded ? 1 : 0));
    }
    /// A handle that may cancel it, and give callbacks what to listen to.
    quell::canceller canceller() noexcept {
        quell_handle_t raw;
        (void)quell_scope_handle(&scope_, QUELL_RIGHT_CANCEL, &raw);
        return quell::canceller(raw);
    }
    /// quell_scope_close, before its end.
    verdict close() noexcept { return static_cast<verdict>(quell_scope_close(&scope_)); }

    /// As std::stop_source.
    bool stop_requested() const noexcept { return poll() != level::none; }
    bool request_stop() noexcept { return cancel() == verdict::cancelling; }
    quell::observer get_token() noexcept { return canceller(); }

    quell_scope_t &raw() noexcept { return scope_; }

  private:
    quell_scope_t scope_ = QUELL_SCOPE_INIT;
    verdict opened_;
};

/// An operation that is asked when another one is: quell_member_add. Pinned.
class member {
  public:
    member(const observer &parent, const canceller &child) noexcept
        : parent_(parent), added_(static_cast<verdict>(
                               quell_member_add(&parent_.raw(), &member_, &child.raw()))) {}
    member(const member &) = delete;
    member &operator=(const member &) = delete;
    ~member() { (void)quell_hook_detach_sync(&parent_.raw(), &member_.hook); }

    verdict added() const noexcept { return added_; }

  private:
    quell_member_t member_{};
    observer parent_;
    verdict added_;
};

/// quell_drain.
inline void drain() noexcept { quell_drain(); }

static_assert(sizeof(quell_source_t) == 8 + 2 * sizeof(void *),
              "a source is an op and two words");
static_assert(sizeof(quell_hook_t) == 4 * sizeof(void *), "a hook is four words");
static_assert(sizeof(quell_op_t) == 8, "an op is 8 bytes");

// --- tables

class table_view;

/// Who claimed a slot of a table: quell::owner, but for the retirement, which
/// is the table's. Destroying it changes nothing: the slot stays in use.
class tenant : public observer {
  public:
    tenant() noexcept = default;

    explicit operator bool() const noexcept { return raw_.op != nullptr; }
    /// What the claim was told: `ok`, `full`, `invalid`; what the taking over
    /// was told: `ok`, `not_found`, `invalid`.
    verdict refusal() const noexcept { return refusal_; }
    /// The index of whatever the application keeps beside the table.
    std::uint32_t slot() const noexcept { return slot_; }

    /// quell_op_start.
    quell::worker start() const noexcept { return worker::start(raw_); }
    quell::canceller canceller() const noexcept { return quell::canceller(raw_); }
    /// quell_op_force: `ok`, `bad_state`, `stale`, `invalid`.
    [[nodiscard]] verdict force(std::uint32_t code) const noexcept {
        return static_cast<verdict>(quell_op_force(&raw_, code));
    }

  private:
    friend class table_view;

    std::uint32_t slot_ = 0;
    verdict refusal_ = verdict::invalid;
};

/// One consistent look at a slot in use: quell_table_entry_t.
struct table_entry {
    observer operation;
    quell::status status;
    std::uint32_t slot, tag, owner, holds;
};

/// A table, wherever it lies: quell_table_t. Copy it freely; a default one is
/// no table, and is told `invalid`. It does not keep the memory alive.
class table_view {
  public:
    table_view() noexcept = default;

    /// quell_table_init. Whether it is a table: the view as bool; why not:
    /// `refusal()`.
    static table_view make(void *storage, std::size_t size, std::uint32_t slots) noexcept {
        return table_view(quell_table_init, storage, size, slots);
    }
    /// quell_table_attach: a table that somebody has made in this memory.
    static table_view attach(void *storage, std::size_t size, std::uint32_t slots) noexcept {
        return table_view(quell_table_attach, storage, size, slots);
    }

    explicit operator bool() const noexcept { return raw_.storage != nullptr; }
    verdict refusal() const noexcept { return refusal_; }
    const quell_table_t &raw() const noexcept { return raw_; }

    /// quell_table_claim. Whether there was a slot: the tenant as bool; why not:
    /// its `refusal()`.
    tenant claim(std::uint32_t tag, mode m = mode::decisive,
                 std::uint32_t owner = 0) const noexcept {
        quell_table_claim_t asked = QUELL_TABLE_CLAIM_INIT;
        return claim(asked, tag, m, owner);
    }
    /// The same; `prepare(slot)` is called before anybody can find the
    /// operation. It must not throw.
    template <class Prepare> tenant claim(std::uint32_t tag, mode m, std::uint32_t owner,
                                          Prepare &&prepare) const noexcept {
        quell_table_claim_t asked = QUELL_TABLE_CLAIM_INIT;
        using callable = std::remove_reference_t<Prepare>;
        asked.prepare = [](void *context, std::uint32_t slot) {
            (*static_cast<callable *>(context))(slot);
        };
        asked.context = const_cast<void *>(static_cast<const void *>(std::addressof(prepare)));
        return claim(asked, tag, m, owner);
    }
    /// The tenant of an operation whose owner died: quell_table_look with
    /// QUELL_RIGHT_OWN. The caller vouches that it is the only owner.
    tenant adopt(std::uint32_t slot) const noexcept {
        quell_table_entry_t found;
        tenant adopted;
        adopted.refusal_ =
            static_cast<verdict>(quell_table_look(&raw_, slot, QUELL_RIGHT_ALL, &found));
        adopted.raw_ = found.handle;
        adopted.slot_ = found.slot;
        return adopted;
    }
    /// quell_table_retire: `ok`, `bad_state`, `stale`, `invalid`.
    [[nodiscard]] verdict retire(const tenant &of) const noexcept {
        return static_cast<verdict>(quell_table_retire(&raw_, &of.raw()));
    }

    /// quell_table_hold: `ok`, `full`, `stale`, `invalid`.
    [[nodiscard]] verdict hold(const observer &of) const noexcept {
        return static_cast<verdict>(quell_table_hold(&raw_, &of.raw()));
    }
    /// quell_table_release: `ok`, `bad_state`, `stale`, `invalid`.
    verdict release(const observer &of) const noexcept {
        return static_cast<verdict>(quell_table_release(&raw_, &of.raw()));
    }
    /// quell_table_release_all: as release.
    verdict release_all(const tenant &of) const noexcept {
        return static_cast<verdict>(quell_table_release_all(&raw_, &of.raw()));
    }

    /// quell_table_find: a default canceller where there is none.
    canceller find(std::uint32_t tag) const noexcept {
        quell_handle_t found;
        (void)quell_table_find(&raw_, tag, QUELL_RIGHT_CANCEL, &found);
        return canceller(found);
    }
    /// quell_table_cancel_by_tag.
    answer cancel_by_tag(std::uint32_t tag, level l = level::graceful,
                         cause c = cause::user) const noexcept {
        std::uint32_t code = 0;
        auto told = quell_table_cancel_by_tag(&raw_, tag, static_cast<quell_level_t>(l),
                                              static_cast<quell_cause_t>(c), nullptr, &code);
        return {static_cast<verdict>(told), code};
    }
    /// quell_table_look: whether there is an operation in that slot.
    [[nodiscard]] bool look(std::uint32_t slot, table_entry &into) const noexcept {
        quell_table_entry_t found;
        bool there = quell_table_look(&raw_, slot, QUELL_RIGHT_CANCEL, &found) == QUELL_OK;
        const quell_status_t &seen = found.status;
        into = {observer(found.handle),
                {static_cast<phase>(seen.phase), static_cast<level>(seen.level),
                 static_cast<cause>(seen.cause), static_cast<effects>(seen.effects), seen.code,
                 seen.shields, static_cast<mode>(seen.mode), seen.generation},
                found.slot,
                found.tag,
                found.owner,
                found.holds};
        return there;
    }
    /// Calls `visit` with the table_entry of every slot in use.
    template <class Visit> void each(Visit &&visit) const {
        table_entry found{};
        for (std::uint32_t slot = 0; slot < raw_.slots; ++slot) {
            if (look(slot, found))
                visit(static_cast<const table_entry &>(found));
        }
    }

    /// quell_table_sweep: how many slots are free now that were not. `dead`
    /// says of an owner's number whether that party is dead; it must not throw.
    template <class Dead> std::uint32_t sweep(Dead &&dead) const noexcept {
        using callable = std::remove_reference_t<Dead>;
        std::uint32_t freed = 0;
        auto ask = [](void *context, std::uint32_t owner) -> std::uint32_t {
            return (*static_cast<callable *>(context))(owner) ? 1u : 0u;
        };
        (void)quell_table_sweep(
            &raw_, ask, const_cast<void *>(static_cast<const void *>(std::addressof(dead))),
            &freed);
        return freed;
    }
    /// quell_table_counts; all zero for no table.
    quell_table_counts_t counts() const noexcept {
        quell_table_counts_t counted;
        (void)quell_table_counts(&raw_, &counted);
        return counted;
    }

  private:
    using maker = quell_verdict_t(const quell_table_config_t *, quell_table_t *);

    table_view(maker *call, void *storage, std::size_t size, std::uint32_t slots) noexcept {
        quell_table_config_t config = QUELL_TABLE_CONFIG_INIT;
        config.slots = slots;
        config.storage = storage;
        config.storage_size = size;
        refusal_ = static_cast<verdict>(call(&config, &raw_));
    }

    tenant claim(quell_table_claim_t &asked, std::uint32_t tag, mode m,
                 std::uint32_t owner) const noexcept {
        asked.tag = tag;
        asked.mode = static_cast<std::uint32_t>(m);
        asked.owner = owner;
        tenant taken;
        taken.refusal_ =
            static_cast<verdict>(quell_table_claim(&raw_, &asked, &taken.raw_, &taken.slot_));
        return taken;
    }

    quell_table_t raw_{};
    verdict refusal_ = verdict::invalid;
};

/// The memory of a quell::table.
template <std::uint32_t Slots> struct table_storage {
    static_assert(Slots >= 1 && Slots <= QUELL_TABLE_MAX_SLOTS, "how many slots a table has");

    std::uint32_t words[QUELL_TABLE_STORAGE(Slots) / sizeof(std::uint32_t)];
};

/// A table with its memory, for a static or an object. Pinned: handles point
/// into it, and none may be used after it is destroyed.
template <std::uint32_t Slots> class table : private table_storage<Slots>, public table_view {
  public:
    table() noexcept : table_view(make(this->words, sizeof this->words, Slots)) {}
    table(const table &) = delete;
    table &operator=(const table &) = delete;
};

} // namespace quell

template <> struct std::is_error_code_enum<quell::verdict> : std::true_type {};

#endif // QUELL_HPP
