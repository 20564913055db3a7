// quell: the operation inside an asynchronous COM object, and its worker.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Two parties hold such an object: the client, by interface pointers, and whoever
// does the work, by a worker, which has a reference of its own. A client that
// releases its last pointer lets go, and cancels nothing: the operation runs on, and
// the object goes when the worker does.
//
//   client    Cancel, Wait, QueryStatus ──▶ operation ◀── poll, commit, finish   worker
//             Release: detaches                           destroyed: releases
//
// Threads: any for the client's methods; the worker is one party. What waits does not
// pump messages: a client in a single-threaded apartment waits as for any blocking
// call. It must not wait on the worker's own thread, for it would wait for itself.
#ifndef QUELL_COM_ASYNC_HPP
#define QUELL_COM_ASYNC_HPP

#include "../quell.hpp"
#include "object.hpp"

namespace quell::com {

/// How a client's pointer may cancel, and what it is told.
struct async_options {
    /// How the operation takes a cancel. `gated` is added where there is a gate.
    quell::mode mode = quell::mode::decisive;
    /// Asked before a running operation takes a cancel; what it returns is what the
    /// client is told, as VDS_E_INCOMPATIBLE_MEDIA. A null `ask`: no gate. Its context
    /// stays in place while the object lives.
    quell_gate_t gate = {nullptr, nullptr};
    /// Whether the pointer that is handed out has the right to cancel.
    bool may_cancel = true;
    /// What a cancel asks with.
    quell::level level = quell::level::immediate;
    /// `QUELL_VSS_PROFILE_…`, `QUELL_VDS_PROFILE_…` or `QUELL_WSB_PROFILE_…`, by the
    /// object; combined with `|`.
    std::uint32_t profile = 0;
};

namespace detail {

/// An operation with the client's handle to it. Pinned, in an object.
class operation {
  public:
    explicit operation(const async_options &options) noexcept
        : gate_(options.gate), level_(options.level),
          source_(gate_.ask == nullptr ? options.mode : options.mode | quell::mode::gated) {
        (void)quell_handle_narrow(&source_.owner().raw(),
                                  options.may_cancel ? QUELL_RIGHT_CANCEL : QUELL_RIGHT_OBSERVE,
                                  &client_);
        if (gate_.ask != nullptr)
            (void)quell_handle_with_gate(&client_, &gate_, &client_);
    }
    operation(const operation &) = delete;
    operation &operator=(const operation &) = delete;

    /// Whether the options were of a mode and a level that there are.
    bool valid() const noexcept {
        return static_cast<bool>(source_.owner()) && level_ >= quell::level::graceful &&
               level_ <= quell::level::emergency;
    }

    /// quell_cancel, with the client's rights.
    quell_verdict_t cancel(std::uint32_t &code) const noexcept {
        return quell_cancel(&client_, static_cast<quell_level_t>(level_), QUELL_CAUSE_USER,
                            &code);
    }
    /// The whole of a Cancel: asks, and waits for the end where `now` says so.
    quell_reply_t cancel(decltype(quell_vss_cancel_hresult) now,
                         decltype(quell_vss_cancel_end_hresult) end,
                         std::uint32_t profile) const noexcept {
        std::uint32_t code = 0;
        const quell_verdict_t told = cancel(code);
        const quell_reply_t reply = now(told, code, profile);
        if (reply.after_end == 0)
            return reply;
        quell_status_t ended;
        (void)wait(QUELL_FOREVER, ended);
        return end(told, &ended, profile);
    }
    /// quell_wait for the end, then quell_op_status.
    quell_verdict_t wait(std::uint64_t limit_us, quell_status_t &seen) const noexcept {
        const quell_verdict_t waited = quell_wait(&client_, QUELL_EVENT_END, limit_us, nullptr);
        seen = look();
        return waited;
    }
    quell_status_t look() const noexcept {
        quell_status_t seen;
        (void)quell_op_status(&client_, &seen);
        return seen;
    }

    const quell::source &source() const noexcept { return source_; }
    /// One that brings a gate which lets all pass, for a gated operation denies without.
    quell::canceller canceller() const noexcept {
        static constexpr quell_gate_t open = {nullptr, nullptr};
        quell_handle_t raw = source_.canceller().raw();
        (void)quell_handle_with_gate(&raw, &open, &raw);
        return quell::canceller(raw);
    }

  private:
    quell_gate_t gate_;
    quell::level level_;
    quell::source source_;
    quell_handle_t client_{};
};

} // namespace detail

/// How far an operation has come: read by anyone; reported by its worker, and before
/// that has started by its maker. Pinned.
class reports {
  public:
    reports() noexcept { (void)quell_reporter_init(&reporter_, &progress_.raw(), nullptr); }
    reports(const reports &) = delete;
    reports &operator=(const reports &) = delete;

    /// quell_report: `ok`, `invalid`.
    [[nodiscard]] verdict report(std::uint64_t done) noexcept {
        return static_cast<verdict>(quell_report(&reporter_, done));
    }
    /// quell_report_total: `ok`, `invalid`.
    [[nodiscard]] verdict total(std::uint64_t total) noexcept {
        return static_cast<verdict>(quell_report_total(&reporter_, total));
    }
    /// quell_progress_read.
    reading read() const noexcept { return progress_.read(); }

  private:
    quell::progress progress_;
    quell_reporter_t reporter_;
};

/// The provider's side of an asynchronous object, which `Self` derives from beside
/// `object`, and which is its friend. None of it is in the vtable.
template <class Self, class Options = async_options> class async_object {
  public:
    async_object(const async_object &) = delete;
    async_object &operator=(const async_object &) = delete;

    /// Makes a pending one: `S_OK`; `E_OUTOFMEMORY`; `E_INVALIDARG` where a mode, a level
    /// or a profile is none. Except with `S_OK` the pointer is empty.
    static HRESULT make(const Options &options, com_ptr<Self> &into) noexcept {
        const HRESULT allocated = allocate(into, options);
        if (FAILED(allocated) || into->valid())
            return allocated;
        into.reset();
        return E_INVALIDARG;
    }

    /// The verdict behind every code: the state, level, cause and effects, waiting, and
    /// callbacks. It does not keep the object alive.
    quell::observer observer() const noexcept { return operation_.source().observer(); }
    /// The provider's own means to cancel, whatever the client's pointer may, and past
    /// its gate. It does not keep the object alive.
    quell::canceller canceller() const noexcept { return operation_.canceller(); }

  protected:
    explicit async_object(const async_options &options) noexcept : operation_(options) {}
    ~async_object() = default;

    detail::operation operation_;
};

/// The one party that does the work of an `Object`. Holds a reference until it is
/// destroyed. Destroyed before it has ended the operation, it fails it: the client is
/// told of an unexpected error, and nobody waits for ever.
template <class Object> class async_worker {
  public:
    /// No worker: false, and told `invalid`.
    async_worker() noexcept = default;
    /// Starts; whether it did: the worker as bool.
    async_worker(Object &of, const quell::source &source) noexcept
        : object_(&of), worker_(source.start()) {}
    async_worker(async_worker &&other) noexcept { swap(other); }
    async_worker &operator=(async_worker &&other) noexcept {
        async_worker taken(std::move(other));
        swap(taken);
        return *this;
    }
    async_worker(const async_worker &) = delete;
    async_worker &operator=(const async_worker &) = delete;

    explicit operator bool() const noexcept { return static_cast<bool>(worker_); }
    /// What the start was told: `ok`; `cancelled`: a client's Cancel came first;
    /// `bad_state`: it had been started; `invalid`: no worker.
    verdict refusal() const noexcept { return worker_.refusal(); }

    /// quell_worker_poll, for a worker that started: one load, one compare.
    level poll() const noexcept { return worker_.poll(); }
    /// quell_op_commit: `ok`, `cancelling`, `bad_state`, `invalid`.
    [[nodiscard]] verdict commit() noexcept { return worker_.commit(); }
    /// quell_op_acknowledge: `ok`, `bad_state`, `invalid`.
    [[nodiscard]] verdict acknowledge(effects left) noexcept {
        return worker_.acknowledge(left);
    }
    /// quell_op_fail, with a result code that is a failure: `ok`; `cancelled`, where a
    /// cancel had been accepted; `bad_state`, `invalid`.
    [[nodiscard]] verdict fail(HRESULT code) noexcept {
        return worker_.fail(static_cast<std::uint32_t>(code));
    }
    /// quell_op_finish: `ok`; `cancelling`: undo, then `acknowledge`; `bad_state`,
    /// `invalid`.
    [[nodiscard]] verdict finish() noexcept { return worker_.finish(); }

    /// What it works on, as long as the worker is there.
    Object *of() const noexcept { return object_.get(); }
    /// For shields, and for who is to work with C's functions.
    quell::worker &raw() noexcept { return worker_; }

  protected:
    void swap(async_worker &other) noexcept {
        std::swap(object_, other.object_);
        std::swap(worker_, other.worker_);
    }

  private:
    // In this order: the worker ends the operation before the object may go.
    com_ptr<Object> object_;
    quell::worker worker_;
};

} // namespace quell::com

#endif // QUELL_COM_ASYNC_HPP
