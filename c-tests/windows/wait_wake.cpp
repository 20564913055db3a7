/*
 * Waiting and waking over WaitOnAddress: limits are kept, and are slept, not
 * spun; whoever waits is woken, those of one operation alone; and in races of a
 * worker, a requester and several who wait, everybody is told the same end.
 * That nobody hangs is seen by this program's coming to its end.
 *
 *   wait_wake [ROUNDS]
 */
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "telling.h"

namespace {

using std::chrono::steady_clock;

std::uint32_t any_number(std::uint32_t &state) {
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

// --- limits

std::uint64_t cpu_time_of_this_thread() {
    FILETIME unused[2], kernel, user;
    CHECK(GetThreadTimes(GetCurrentThread(), &unused[0], &unused[1], &kernel, &user) != 0);
    const auto whole = [](const FILETIME &t) {
        return (std::uint64_t{t.dwHighDateTime} << 32) | t.dwLowDateTime;
    };
    return (whole(kernel) + whole(user)) * 100;
}

/* Less than a sixth of the time was spent on the processor: a wait that spins
 * takes all of it, or a third where each look lets others go first. */
template <class Waits> void is_slept(Waits waits) {
    const std::uint64_t spent_before = cpu_time_of_this_thread();
    const auto begun = steady_clock::now();
    waits();
    const auto passed = std::chrono::nanoseconds(steady_clock::now() - begun).count();
    const std::uint64_t spent = cpu_time_of_this_thread() - spent_before;
    printf("wait_wake: %" PRIu64 " us of %" PRIu64 " us on the processor\n", spent / 1000,
           static_cast<std::uint64_t>(passed) / 1000);
    CHECK(spent < static_cast<std::uint64_t>(passed) / 6);
}

void limits_are_kept() {
    static const std::uint64_t limits[] = {1, 250, 999, 1000, 1001, 1500, 15600, 30000, 30001};
    telling_t t;
    running_source(&t);
    for (const std::uint64_t limit : limits) {
        for (int turn = 0; turn < 10; ++turn) {
            LARGE_INTEGER ticks_then, ticks_now, frequency;
            CHECK(QueryPerformanceFrequency(&frequency) != 0);
            CHECK(QueryPerformanceCounter(&ticks_then) != 0);
            const auto begun = steady_clock::now();
            CHECK_EQ(quell_wait(&t.owner, QUELL_EVENT_ALL, limit, nullptr), QUELL_TIMED_OUT);
            CHECK(steady_clock::now() - begun >= std::chrono::microseconds(limit));
            CHECK(QueryPerformanceCounter(&ticks_now) != 0);
            CHECK(static_cast<std::uint64_t>(ticks_now.QuadPart - ticks_then.QuadPart) *
                      1000000u >=
                  limit * static_cast<std::uint64_t>(frequency.QuadPart));
        }
    }
    is_slept([&] {
        for (int turn = 0; turn < 1000; ++turn)
            CHECK_EQ(quell_wait(&t.owner, QUELL_EVENT_ALL, 900, nullptr), QUELL_TIMED_OUT);
    });
    CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
    CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
}

/* Limits of more milliseconds than 32 bits hold, or of as many as mean no limit
 * there, or of more nanoseconds than 64 bits hold: whoever has one is woken. */
void limits_beyond_the_calls_range() {
    static const std::uint64_t milliseconds = std::uint64_t{1} << 32;
    static const std::uint64_t limits[] = {milliseconds * 1000, (milliseconds + 5) * 1000,
                                           (milliseconds - 1) * 1000, QUELL_FOREVER - 1};
    for (const std::uint64_t limit : limits) {
        telling_t t;
        running_source(&t);
        std::thread worker([&t] {
            Sleep(100);
            CHECK_EQ(quell_op_finish(&t.worker), QUELL_OK);
        });
        is_slept(
            [&] { CHECK_EQ(quell_wait(&t.owner, QUELL_EVENT_END, limit, nullptr), QUELL_OK); });
        worker.join();
        CHECK_EQ(quell_settle(&t.owner), QUELL_OK);
        CHECK_EQ(quell_op_retire(&t.owner), QUELL_OK);
    }
}

// --- a crowd

/* Waits again and again for what does not come, each time for the whole limit,
 * from any moment between two ticks of any clock. */
void waits_out(const telling_t &nothing_comes, std::uint32_t seed,
               const std::atomic<bool> &over) {
    do {
        Sleep(any_number(seed) % 16);
        const std::uint64_t limit = 20000 + any_number(seed) % 30000;
        const auto begun = steady_clock::now();
        CHECK_EQ(quell_wait(&nothing_comes.owner, QUELL_EVENT_ALL, limit, nullptr),
                 QUELL_TIMED_OUT);
        CHECK(steady_clock::now() - begun >= std::chrono::microseconds(limit));
    } while (!over);
}

struct group_t {
    telling_t of;
    quell_phase_t end;
    std::atomic<unsigned> begun{0}, told{0};
    std::vector<std::thread> threads;

    group_t(quell_phase_t will_be, unsigned size) : end(will_be) {
        running_source(&of);
        for (unsigned i = 0; i < size; ++i)
            // Half of them with a limit that they do not live to see.
            threads.emplace_back(
                [this, i] { wait_for_end(i % 2 != 0 ? QUELL_FOREVER : 600000000u); });
    }
    void wait_for_end(std::uint64_t limit) {
        quell_told_t how;
        ++begun;
        CHECK_EQ(quell_wait(&of.owner, QUELL_EVENT_END, limit, &how), QUELL_OK);
        CHECK_EQ(how.phase, end);
        ++told;
    }
    void all_were_told() {
        for (std::thread &one : threads)
            one.join();
        CHECK_EQ(told, threads.size());
        CHECK_EQ(quell_settle(&of.owner), QUELL_OK);
        CHECK_EQ(quell_op_retire(&of.owner), QUELL_OK);
    }
};

/* More who wait than there are places to sleep at, at two operations: the end of
 * one wakes all of its own, and none of the other's. Those at a third are woken
 * for nothing, at any point of their limits. */
void a_crowd_at_three_operations() {
    constexpr unsigned each = 100;
    telling_t third;
    std::atomic<bool> over{false};
    std::vector<std::thread> patient;
    running_source(&third);
    for (unsigned i = 0; i < 50; ++i)
        patient.emplace_back([&, i] { waits_out(third, i, over); });
    for (int turn = 0; turn < 10; ++turn) {
        group_t first(QUELL_PHASE_FINISHED, each), second(QUELL_PHASE_CANCELLED, each);
        while (first.begun + second.begun != 2 * each)
            Sleep(1);
        Sleep(20);
        CHECK_EQ(first.told + second.told, 0);
        CHECK_EQ(quell_op_finish(&first.of.worker), QUELL_OK);
        first.all_were_told();
        CHECK_EQ(ask(&second.of, QUELL_LEVEL_IMMEDIATE), QUELL_CANCELLING);
        Sleep(1);
        CHECK_EQ(second.told, 0);
        CHECK_EQ(quell_op_acknowledge(&second.of.worker, QUELL_EFFECTS_NONE), QUELL_OK);
        second.all_were_told();
    }
    over = true;
    for (std::thread &one : patient)
        one.join();
    CHECK_EQ(quell_op_finish(&third.worker), QUELL_OK);
    CHECK_EQ(quell_op_retire(&third.owner), QUELL_OK);
}

// --- races: a batch of operations through which each party goes at its own pace

constexpr std::size_t BATCH = 1000;
enum { PATIENT, ALSO_PATIENT, HASTY, WAITERS };

struct round_t {
    telling_t t;
    std::uint64_t note; // plain: the end publishes it
    quell_verdict_t cancelled, requested;
    quell_told_t told[WAITERS], request;
    std::uint64_t note_seen[WAITERS];
};

struct counts_t {
    std::uint64_t cancelled, finished, failed, ran_out;
};

std::vector<round_t> rounds(BATCH);

void dally(std::uint32_t turns) {
    static const std::atomic<unsigned> nothing{0};
    while (turns-- > 0)
        (void)nothing.load();
}

void acknowledge(round_t &round) {
    CHECK_EQ(quell_op_acknowledge(&round.t.worker, QUELL_EFFECTS_PARTIAL), QUELL_OK);
}

/* Ends each in one of four ways: finishes, fails, or acknowledges, some only when
 * it was woken by the request. */
void work(std::uint32_t seed) {
    for (round_t &round : rounds) {
        const std::uint32_t way = any_number(seed) % 4;
        dally(any_number(seed) % 512);
        round.note = way + 1;
        if (way == 0) {
            const quell_verdict_t failed = quell_op_fail(&round.t.worker, 7);
            CHECK(failed == QUELL_OK || failed == QUELL_CANCELLED);
        } else if (way == 1) {
            quell_handle_t own;
            CHECK_EQ(quell_worker_handle(&round.t.worker, &own), QUELL_OK);
            CHECK_EQ(quell_wait(&own, QUELL_EVENT_REQUEST, QUELL_FOREVER, nullptr), QUELL_OK);
            acknowledge(round);
        } else {
            const quell_verdict_t finished = quell_op_finish(&round.t.worker);
            CHECK(finished == QUELL_OK || finished == QUELL_CANCELLING);
            if (finished == QUELL_CANCELLING)
                acknowledge(round);
        }
    }
}

/* Keeps in step with the worker, who would else never come first. */
void request(std::uint32_t seed) {
    for (round_t &round : rounds) {
        dally(any_number(seed) % 512);
        round.cancelled = ask(&round.t, QUELL_LEVEL_GRACEFUL);
        CHECK_EQ(quell_wait(&round.t.owner, QUELL_EVENT_END, QUELL_FOREVER, nullptr), QUELL_OK);
    }
}

std::uint64_t wait_for_ends(int which, std::uint32_t seed) {
    std::uint64_t ran_out = 0;
    for (round_t &round : rounds) {
        const std::uint64_t limit = which == HASTY ? any_number(seed) % 60 : QUELL_FOREVER;
        quell_verdict_t waited;
        while ((waited = quell_wait(&round.t.owner, QUELL_EVENT_END, limit,
                                    &round.told[which])) == QUELL_TIMED_OUT) {
            CHECK(which == HASTY && is_nothing_told(&round.told[which]));
            ++ran_out;
        }
        CHECK_EQ(waited, QUELL_OK);
        round.note_seen[which] = round.note;
    }
    return ran_out;
}

void wait_for_requests() {
    for (round_t &round : rounds)
        round.requested =
            quell_wait(&round.t.owner, QUELL_EVENT_REQUEST, QUELL_FOREVER, &round.request);
}

void judge(round_t &round, counts_t &counts) {
    quell_status_t status;
    CHECK_EQ(quell_op_status(&round.t.owner, &status), QUELL_OK);
    for (int which = 0; which < WAITERS; ++which) {
        const quell_told_t &told = round.told[which];
        check_told(&told, told.events, status.phase, status.level, status.cause, status.effects,
                   status.code);
        CHECK(told.events & QUELL_EVENT_END);
        CHECK_EQ(round.note_seen[which], round.note);
    }
    const bool was_requested = status.level != QUELL_LEVEL_NONE;
    CHECK_EQ(round.requested, was_requested ? QUELL_OK : QUELL_RAN);
    CHECK_EQ(round.request.level, was_requested ? QUELL_LEVEL_GRACEFUL : QUELL_LEVEL_NONE);
    CHECK_EQ(round.cancelled, was_requested                        ? QUELL_CANCELLING
                              : status.phase == QUELL_PHASE_FAILED ? QUELL_FAILED
                                                                   : QUELL_FINISHED);
    CHECK_EQ(status.phase == QUELL_PHASE_CANCELLED, was_requested);
    // Who waits for a request always ends cancelled, and that is no race.
    if (round.note != 2) {
        counts.cancelled += status.phase == QUELL_PHASE_CANCELLED;
        counts.finished += status.phase == QUELL_PHASE_FINISHED;
        counts.failed += status.phase == QUELL_PHASE_FAILED;
    }
    CHECK_EQ(quell_settle(&round.t.owner), QUELL_OK);
    CHECK_EQ(quell_op_retire(&round.t.owner), QUELL_OK);
}

void races(std::uint64_t wanted) {
    counts_t counts{};
    std::uint32_t seed = 1;
    std::uint64_t made = 0;
    for (; made < wanted; made += BATCH) {
        for (round_t &round : rounds) {
            round = {};
            running_source(&round.t);
        }
        std::uint64_t ran_out[WAITERS];
        std::vector<std::thread> parties;
        for (int which = 0; which < WAITERS; ++which) {
            const std::uint32_t own = any_number(seed);
            parties.emplace_back(
                [&ran_out, which, own] { ran_out[which] = wait_for_ends(which, own); });
        }
        parties.emplace_back(wait_for_requests);
        parties.emplace_back(work, any_number(seed));
        parties.emplace_back(request, any_number(seed));
        for (std::thread &party : parties)
            party.join();
        for (round_t &round : rounds)
            judge(round, counts);
        counts.ran_out += ran_out[HASTY];
    }
    printf("wait_wake: %" PRIu64 " races: %" PRIu64 " cancelled, %" PRIu64 " finished, %" PRIu64
           " failed; %" PRIu64 " waits ran out\n",
           made, counts.cancelled, counts.finished, counts.failed, counts.ran_out);
    // A race is only one if either side can win.
    CHECK(counts.cancelled > 0 && counts.finished > 0 && counts.failed > 0);
    CHECK(counts.ran_out > 0);
}

} // namespace

int main(int argc, char **argv) {
    limits_are_kept();
    limits_beyond_the_calls_range();
    a_crowd_at_three_operations();
    races(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100000u);
    return check_report("wait_wake");
}
