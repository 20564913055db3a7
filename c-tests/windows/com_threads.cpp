/*
 * Many threads at one object: references counted, Wait and Cancel at once, released while
 * the operation goes on. Everybody is told the same end, and nothing is left.
 *
 *   com_threads [ROUNDS]
 */
#include <atomic>
#include <thread>
#include <vector>

#include "check.h"
#include "quell_com.hpp"

using namespace quell::com;
using quell::verdict;

namespace {

constexpr HRESULT OWN_ERROR = static_cast<HRESULT>(0x8004230F);

/* Runs `body(number)` on so many threads, which begin together. */
template <class Body> void together(unsigned count, Body body) {
    std::atomic<unsigned> ready{0};
    std::vector<std::thread> parties;
    for (unsigned i = 0; i < count; ++i)
        parties.emplace_back([&, i] {
            for (++ready; ready.load() < count;)
                std::this_thread::yield();
            body(i);
        });
    for (std::thread &party : parties)
        party.join();
}

// --- references

constexpr unsigned PARTIES = 8;

void a_storm_of_references() {
    com_ptr<vss_async> object;
    CHECK_EQ(vss_async::make({}, object), S_OK);
    std::atomic<unsigned> gone{0};
    together(PARTIES, [&](unsigned) {
        for (int turn = 0; turn < 50000; ++turn) {
            void *into = nullptr;
            if (turn % 4 != 0)
                object->AddRef();
            else if (object->QueryInterface(IID_IUnknown, &into) != S_OK)
                ++gone;
            if (object->Release() < 1)
                ++gone;
        }
    });
    CHECK_EQ(gone, 0);
    CHECK_EQ(object->AddRef(), 2);
    CHECK_EQ(object->Release(), 1);
    object.reset();
    CHECK_EQ(live_objects(), 0);
}

/* Each has a reference and releases it: one of them is the last, and destroys. */
void the_last_of_many() {
    for (int turn = 0; turn < 100; ++turn) {
        com_ptr<vss_async> object;
        CHECK_EQ(vss_async::make({}, object), S_OK);
        vss_async *const raw = object.get();
        for (unsigned i = 1; i < PARTIES; ++i)
            raw->AddRef();
        (void)object.detach();
        std::atomic<unsigned> last{0};
        together(PARTIES, [&](unsigned) {
            if (raw->Release() == 0)
                ++last;
        });
        CHECK_EQ(last, 1);
        CHECK_EQ(live_objects(), 0);
    }
}

// --- released by the client at the moment when the worker ends it

void released_while_it_ends(unsigned rounds) {
    for (unsigned turn = 0; turn < rounds; ++turn) {
        com_ptr<vss_async> object;
        CHECK_EQ(vss_async::make({}, object), S_OK);
        vss_worker worker = object->start();
        IVssAsync *const client = object.detach();
        together(2, [&](unsigned party) {
            if (party == 0) {
                client->Release();
            } else {
                CHECK(worker.finish() == verdict::ok);
                worker = {};
            }
        });
        CHECK_EQ(live_objects(), 0);
    }
}

/* A client that releases its only pointer while a call of its own waits there. */
void released_while_somebody_waits() {
    for (int turn = 0; turn < 50; ++turn) {
        com_ptr<vss_async> object;
        CHECK_EQ(vss_async::make({}, object), S_OK);
        vss_worker worker = object->start();
        IVssAsync *const client = object.detach();
        std::thread waiter([client] { CHECK_EQ(client->Wait(INFINITE), S_OK); });
        // The waiter's own reference is the third.
        while (client->AddRef() < 4) {
            client->Release();
            std::this_thread::yield();
        }
        client->Release();
        client->Release();
        CHECK(worker.finish() == verdict::ok);
        worker = {};
        waiter.join();
        CHECK_EQ(live_objects(), 0);
    }
}

// --- Wait, Cancel and QueryStatus at once

enum { WORKER, WAITER, ALSO_WAITER, CANCELLER, ALSO_CANCELLER, POLLER, ALL };

struct counts_t {
    unsigned finished, failed, cancelled, too_late;
};

std::uint32_t any_number(std::uint32_t &state) {
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

void dally(std::uint32_t turns) {
    static const std::atomic<unsigned> nothing{0};
    while (turns-- > 0)
        (void)nothing.load();
}

/* A requester's: in every third round both are late for sure. */
void come_late(std::uint32_t round, std::uint32_t own) {
    if (round % 3 == 0)
        Sleep(3);
    dally(any_number(own) % 4096);
}

/* Ends it in one of four ways. */
template <class Worker> void work(Worker &worker, std::uint32_t seed) {
    dally(any_number(seed) % 4096);
    const std::uint32_t way = any_number(seed) % 4;
    verdict told;
    if (way == 0) {
        told = worker.fail(OWN_ERROR);
        CHECK(told == verdict::ok || told == verdict::cancelled);
        return;
    }
    if (way == 1 && worker.commit() == verdict::ok)
        Sleep(1);
    told = worker.finish();
    CHECK(told == verdict::ok || told == verdict::cancelling);
    if (told == verdict::cancelling)
        CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
}

/* VSS: the codes that each end is told by. */
void vss_round(std::uint32_t seed, counts_t &counts) {
    com_ptr<vss_async> object;
    CHECK_EQ(vss_async::make({}, object), S_OK);
    vss_worker worker = object->start();
    HRESULT told[ALL] = {};
    together(ALL, [&](unsigned party) {
        std::uint32_t own = seed + party * 7919;
        IVssAsync *const client = object.get();
        if (party == WORKER) {
            work(worker, own);
            worker = {};
        } else if (party == WAITER || party == ALSO_WAITER) {
            told[party] = client->Wait(INFINITE);
        } else if (party == POLLER) {
            while (client->QueryStatus(&told[party], nullptr) == S_OK &&
                   told[party] == VSS_S_ASYNC_PENDING)
                std::this_thread::yield();
        } else {
            come_late(seed, own);
            told[party] = client->Cancel();
        }
    });
    HRESULT end = 0;
    CHECK_EQ(object->QueryStatus(&end, nullptr), S_OK);
    CHECK_EQ(told[POLLER], end);
    const HRESULT waited = end == OWN_ERROR ? OWN_ERROR : S_OK;
    CHECK_EQ(told[WAITER], waited);
    CHECK_EQ(told[ALSO_WAITER], waited);
    const HRESULT one = told[CANCELLER], other = told[ALSO_CANCELLER];
    if (end == VSS_S_ASYNC_CANCELLED) {
        // One of them it was cancelled for; the other is told that it had been.
        CHECK((one == S_OK && other == VSS_S_ASYNC_CANCELLED) ||
              (other == S_OK && one == VSS_S_ASYNC_CANCELLED));
        ++counts.cancelled;
        return;
    }
    for (const HRESULT cancelled : {one, other}) {
        CHECK(cancelled == end ||
              (cancelled == VSS_E_BAD_STATE && end == VSS_S_ASYNC_FINISHED));
        counts.too_late += cancelled == VSS_E_BAD_STATE;
    }
    counts.finished += end == VSS_S_ASYNC_FINISHED;
    counts.failed += end == OWN_ERROR;
}

class volume final : public object<volume, IUnknown> {};

void vds_work(vds_worker &worker, volume *made, std::uint32_t seed) {
    VDS_ASYNC_OUTPUT output = {};
    output.type = VDS_ASYNCOUT_CREATEVOLUME;
    output.cv.pVolumeUnk = made;
    dally(any_number(seed) % 4096);
    if (worker.finish(S_OK, &output) == verdict::cancelling)
        CHECK(worker.acknowledge(quell::effects::none) == verdict::ok);
}

/* VDS: each Wait gets the result's own reference, or nothing. */
void vds_round(std::uint32_t seed, counts_t &counts) {
    com_ptr<vds_async> object;
    com_ptr<volume> made;
    CHECK_EQ(vds_async::make({}, object), S_OK);
    CHECK_EQ(allocate(made), S_OK);
    vds_worker worker = object->start();
    HRESULT told[ALL] = {}, status[ALL] = {};
    VDS_ASYNC_OUTPUT output[ALL] = {};
    together(ALL, [&](unsigned party) {
        std::uint32_t own = seed + party * 7919;
        IVdsAsync *const client = object.get();
        if (party == WORKER) {
            vds_work(worker, made.get(), own);
            worker = {};
        } else if (party == CANCELLER || party == ALSO_CANCELLER) {
            come_late(seed, own);
            told[party] = client->Cancel();
        } else {
            told[party] = client->Wait(&status[party], &output[party]);
        }
    });
    const bool finished = status[WAITER] == S_OK;
    ULONG references = 1;
    for (const unsigned party : {WAITER, ALSO_WAITER, POLLER}) {
        CHECK_EQ(told[party], S_OK);
        CHECK_EQ(status[party], status[WAITER]);
        CHECK(output[party].cv.pVolumeUnk == (finished ? made.get() : nullptr));
        if (finished)
            made->Release();
    }
    object.reset();
    CHECK_EQ(made->AddRef(), references + 1);
    made->Release();
    const auto canceled = static_cast<HRESULT>(QUELL_VDS_E_OPERATION_CANCELED);
    const auto too_late = static_cast<HRESULT>(QUELL_VDS_E_CANCEL_TOO_LATE);
    const HRESULT one = told[CANCELLER], other = told[ALSO_CANCELLER];
    if (finished) {
        CHECK(one == too_late && other == too_late);
    } else {
        CHECK_EQ(status[WAITER], canceled);
        CHECK((one == S_OK && other == canceled) || (other == S_OK && one == canceled));
    }
    counts.finished += finished;
    counts.cancelled += !finished;
}

} // namespace

int main(int argc, char **argv) {
    const unsigned rounds =
        argc > 1 ? static_cast<unsigned>(strtoul(argv[1], nullptr, 10)) : 200;
    a_storm_of_references();
    the_last_of_many();
    released_while_it_ends(rounds);
    released_while_somebody_waits();
    std::uint32_t seed = 1;
    counts_t vss = {}, vds = {};
    for (unsigned turn = 0; turn < rounds; ++turn) {
        vss_round(any_number(seed), vss);
        vds_round(any_number(seed), vds);
        CHECK_EQ(live_objects(), 0);
    }
    printf("com_threads: %u rounds: VSS %u finished, %u failed, %u cancelled, %u too late; "
           "VDS %u finished, %u cancelled\n",
           rounds, vss.finished, vss.failed, vss.cancelled, vss.too_late, vds.finished,
           vds.cancelled);
    // A race is only one if either side can win.
    CHECK(vss.finished > 0 && vss.failed > 0 && vss.cancelled > 0 && vss.too_late > 0);
    CHECK(vds.finished > 0 && vds.cancelled > 0);
    return check_report("com_threads");
}
