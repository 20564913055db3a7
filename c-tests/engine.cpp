// quell.hpp over the engine: callbacks, scopes, members and waiting, their
// lifetimes, and that nothing of it allocates. Built with exceptions and RTTI
// and without.
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "check.h"
#include "quell.hpp"

namespace {
unsigned long allocations;
}

// The plain builds count; elsewhere malloc is the checker's.
#ifdef QUELL_COUNT_ALLOCATIONS
extern "C" void *__libc_malloc(std::size_t size);
extern "C" void *malloc(std::size_t size) noexcept {
    __atomic_fetch_add(&allocations, 1ul, __ATOMIC_RELAXED);
    return __libc_malloc(size);
}
#endif

namespace {

using namespace std::chrono_literals;
using quell::events;
using quell::verdict;

unsigned long allocated() { return __atomic_load_n(&allocations, __ATOMIC_RELAXED); }

void nothing_allocates() {
    const unsigned long before = allocated();
    unsigned requests = 0, raises = 0, ends = 0;
    quell::source op;
    quell::worker worker = op.start();
    {
        quell::callback on_request(op.observer(), events::request, [&](const quell::told &t) {
            requests += t.has(events::request) ? 1u : 0u;
        });
        quell::callback on_rest(op.observer(), events::raise | events::end,
                                [&](const quell::told &t) {
                                    raises += t.has(events::raise) ? 1u : 0u;
                                    ends += t.has(events::end) ? 1u : 0u;
                                });
        CHECK(on_request.added() == verdict::ok);
        CHECK(on_rest.added() == verdict::ok);
        CHECK(op.canceller().cancel().verdict == verdict::cancelling);
        CHECK(op.canceller().cancel(quell::level::emergency).verdict == verdict::raised);
        CHECK(requests == 1 && raises == 1 && ends == 0);
        CHECK(on_request.detach() == verdict::ran);
    }
    CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
    // Destroyed callbacks hear nothing; a new one is told at once.
    CHECK(requests == 1 && raises == 1 && ends == 0);
    quell::callback late(op.observer(), events::end, [&](const quell::told &t) {
        ++ends;
        CHECK(t.outcome().error() == std::errc::operation_canceled);
    });
    CHECK(late.added() == verdict::happened);
    CHECK(ends == 1);
    quell::scope root;
    quell::scope leaf(root);
    CHECK(root.request_stop() && leaf.stop_requested());
    CHECK(op.observer().wait_for(0s));
    CHECK_EQ(allocated(), before);
#ifdef QUELL_COUNT_ALLOCATIONS
    // The count counts.
    int *volatile one = new int(1);
    delete one;
    CHECK_EQ(allocated(), before + 1);
#endif
}

// What a callable holds is moved in, and changed in place.
void callables_that_own() {
    quell::source op;
    quell::worker worker = op.start();
    auto owned = std::make_unique<unsigned>(40u);
    unsigned last = 0;
    quell::callback counting(op.observer(), events::all,
                             [held = std::move(owned), calls = 0u,
                              &last](const quell::told &) mutable { last = *held + ++calls; });
    CHECK(owned == nullptr); // NOLINT(bugprone-use-after-move)
    CHECK(op.canceller().cancel().verdict == verdict::cancelling);
    CHECK_EQ(last, 41);
    CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
    CHECK_EQ(last, 42);
}

struct suicidal {
    void (*destroy)();
    unsigned *calls;
    void operator()(const quell::told &) {
        ++*calls;
        destroy();
    }
};

std::unique_ptr<quell::callback<suicidal>> doomed;

// Destroyed inside its own call: valgrind and AddressSanitizer watch.
void callback_destroyed_inside_its_own_call() {
    quell::source op;
    quell::worker worker = op.start();
    unsigned calls = 0;
    doomed = std::make_unique<quell::callback<suicidal>>(
        op.observer(), events::all, suicidal{[] { doomed.reset(); }, &calls});
    CHECK(op.canceller().cancel().verdict == verdict::cancelling);
    CHECK(doomed == nullptr);
    CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
    CHECK_EQ(calls, 1);
}

// Its destructor waits for a call that is under way on another thread.
void destructor_waits() {
    quell::source op;
    quell::worker worker = op.start();
    unsigned entered = 0, released = 0, written = 0;
    std::thread requester;
    {
        quell::callback slow(op.observer(), events::all, [&](const quell::told &) {
            __atomic_store_n(&entered, 1u, __ATOMIC_RELEASE);
            while (__atomic_load_n(&released, __ATOMIC_ACQUIRE) == 0)
                std::this_thread::yield();
            std::this_thread::sleep_for(5ms);
            ++written;
        });
        requester = std::thread([&] { (void)op.canceller().cancel(); });
        while (__atomic_load_n(&entered, __ATOMIC_ACQUIRE) == 0)
            std::this_thread::yield();
        CHECK(slow.detach() == verdict::running);
        __atomic_store_n(&released, 1u, __ATOMIC_RELEASE);
    }
    CHECK_EQ(written, 1);
    requester.join();
    CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
    CHECK_EQ(written, 1);
}

void refusals() {
    quell::operation plain;
    quell::callback on_plain(plain.observer(), events::all, [](const quell::told &) {});
    CHECK(on_plain.added() == verdict::unsupported);
    CHECK(on_plain.detach() == verdict::unsupported);
    quell::callback on_nothing(quell::observer(), events::all, [](const quell::told &) {});
    CHECK(on_nothing.added() == verdict::invalid);
    quell::source op;
    quell::callback for_nothing(op.observer(), events::none, [](const quell::told &) {});
    CHECK(for_nothing.added() == verdict::invalid);
    CHECK(plain.observer().wait().verdict == verdict::unsupported);
    CHECK(quell::observer().wait().verdict == verdict::invalid);
    CHECK(!quell::observer().stop_possible() && !quell::observer().stop_requested());
    CHECK(op.owner().force(5) == verdict::ok);
}

void lives() {
    quell::source op;
    unsigned ends = 0;
    for (unsigned life = 0; life < 3; ++life) {
        quell::callback hears(op.observer(), events::end, [&](const quell::told &) { ++ends; });
        CHECK(hears.added() == verdict::ok);
        quell::worker worker = op.start();
        CHECK(op.rearm() == verdict::bad_state);
        CHECK(worker.finish() == verdict::ok);
        CHECK_EQ(ends, life + 1);
        CHECK(op.rearm() == verdict::ok);
        CHECK(hears.detach() == verdict::ran);
    }
    CHECK_EQ(op.status().generation, 3);
    CHECK(op.owner().force(5) == verdict::ok);
}

// A parent's cancel reaches scopes, members and callbacks; a token is handed on
// as std::stop_token is.
bool interrupted(const quell::observer &token) { return token.stop_requested(); }

void scopes_and_members() {
    quell::source job;
    quell::operation plain;
    quell::worker plain_worker = plain.start();
    quell::worker worker = job.start();
    quell::scope service;
    CHECK(service.opened() == verdict::ok);
    {
        std::optional<quell::scope> early(std::in_place, service);
        CHECK(early->opened() == verdict::ok);
        early.reset();
        quell::scope below(job.observer()), deaf(job.observer(), true), closed;
        CHECK(below.opened() == verdict::ok && deaf.opened() == verdict::ok);
        CHECK(closed.close() == verdict::ok && closed.close() == verdict::bad_state);
        CHECK(quell::scope(closed).opened() == verdict::bad_state);
        quell::member first(service.get_token(), job.canceller());
        quell::member second(service.get_token(), plain.canceller());
        CHECK(first.added() == verdict::ok && second.added() == verdict::ok);
        const quell::canceller looks(plain_worker.observe().raw());
        CHECK(quell::member(service.get_token(), looks).added() == verdict::denied);

        unsigned told = 0;
        quell::callback hears(below.get_token(), events::request, [&](const quell::told &t) {
            told += t.cause == quell::cause::parent ? 1u : 100u;
        });
        CHECK(!interrupted(below.get_token()) && below.get_token().stop_possible());
        CHECK(service.request_stop());
        CHECK(!service.request_stop());
        CHECK(interrupted(service.get_token()) && interrupted(below.get_token()));
        CHECK(job.poll() == quell::level::graceful && plain.poll() == quell::level::graceful);
        CHECK(deaf.poll() == quell::level::none);
        CHECK(deaf.shield(false) == verdict::ok);
        CHECK(deaf.poll() == quell::level::graceful);
        CHECK_EQ(told, 1);
        CHECK(service.cancel(quell::level::emergency) == verdict::raised);
        CHECK(below.poll() == quell::level::emergency);
        CHECK(job.status().cause == quell::cause::parent);
    }
    CHECK(service.shield(true) == verdict::bad_state);
    CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
    CHECK(plain_worker.acknowledge(quell::effects::none) == verdict::ok);
}

template <class Wait> std::chrono::steady_clock::duration time_of(Wait wait) {
    const auto begun = std::chrono::steady_clock::now();
    wait();
    return std::chrono::steady_clock::now() - begun;
}

// No sooner than asked for, in whatever unit it was asked.
void waits_by_the_clock() {
    using fraction = std::chrono::duration<double>;
    quell::source op;
    const quell::observer of = op.observer();
    quell::worker worker = op.start();
    CHECK(time_of([&] { CHECK(of.wait_for(3ms).verdict == verdict::timed_out); }) >= 3ms);
    CHECK(time_of([&] { CHECK(!of.wait_for(1500001ns)); }) >= 1500001ns);
    CHECK(time_of([&] { CHECK(!of.wait_for(fraction(0.002))); }) >= 2ms);
    CHECK(!of.wait_for(1ns) && !of.wait_for(0s) && !of.wait_for(-1h));
    CHECK(!of.wait_for(std::chrono::hours::min()));
    const auto moment = std::chrono::steady_clock::now() + 3ms;
    CHECK(of.wait_until(moment).verdict == verdict::timed_out);
    CHECK(std::chrono::steady_clock::now() >= moment);
    CHECK(!of.wait_until(std::chrono::system_clock::now() - 1h, events::all));
    CHECK(op.status().phase == quell::phase::running && !of.stop_requested());

    // Limits beyond every clock are none: woken by the end.
    const auto waits_long = [&](auto limit) {
        quell::waited got{};
        std::thread waiter([&] { got = of.wait_for(limit, events::request); });
        std::this_thread::sleep_for(2ms);
        (void)op.canceller().cancel();
        waiter.join();
        CHECK(got && got.told.has(events::request));
        CHECK(got.told.level == quell::level::graceful);
    };
    waits_long(std::chrono::hours::max());
    waits_long(fraction(1e300));
    waits_long(std::chrono::nanoseconds::max());
    CHECK(of.wait_until(std::chrono::steady_clock::time_point::max(), events::request));
    CHECK(worker.acknowledge(quell::effects::partial) == verdict::ok);
    const quell::waited end = of.wait();
    CHECK(end && end.told.outcome().effects == quell::effects::partial);
    CHECK(of.wait(events::raise).verdict == verdict::ran);
    CHECK(std::error_code(verdict::timed_out) == std::errc::timed_out);
}

// The interrupt form, drained by hand: told then, and once.
void interrupt_form() {
    quell::source op;
    unsigned calls = 0;
    quell::worker worker = op.start();
    quell::callback hears(op.observer(), events::all, [&](const quell::told &) { ++calls; });
    CHECK(op.canceller().cancel_from_isr().verdict == verdict::cancelling);
    CHECK_EQ(calls, 0);
    quell::drain();
    CHECK_EQ(calls, 1);
    quell::drain();
    CHECK_EQ(calls, 1);
    CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
    CHECK_EQ(calls, 2);
    CHECK(op.observer().settle() == verdict::ok);
}

} // namespace

int main() {
    nothing_allocates();
    callables_that_own();
    callback_destroyed_inside_its_own_call();
    destructor_waits();
    refusals();
    lives();
    scopes_and_members();
    waits_by_the_clock();
    interrupt_form();
    return check_report("engine");
}
