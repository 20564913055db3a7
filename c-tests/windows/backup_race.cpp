// Several threads at one backup: Wait, Cancel and AbortBackup at once, every method
// at once, two requesters at one machine, and a Release in the middle.
//
//   backup_race [ROUNDS]
#include <atomic>
#include <thread>
#include <vector>

#include "backup_requester.hpp"

namespace {

unsigned rounds = 200;

/// A different delay in every round, up to the length of a snapshot.
void pause(unsigned round, unsigned of) {
    for (volatile unsigned left = (round * 7919u + of * 104729u) % 60'000u; left > 0;)
        left = left - 1;
}

// Whatever wins, everybody is told the same, and each writer is told of an abort
// once or not at all.
void wait_cancel_and_abort() {
    unsigned cancelled = 0;
    unsigned finished = 0;
    for (unsigned round = 0; round < rounds; ++round) {
        auto on = machine::make();
        requester r(*on);
        r.up_to_prepared();
        operation op = r.make_snapshot();
        CHECK_HR(op.began, S_OK);
        HRESULT told = E_FAIL;
        HRESULT aborted = S_OK;
        std::thread waiter([&] { CHECK_HR(op.wait(), S_OK); });
        std::thread canceller([&] {
            pause(round, 1);
            told = op.cancel();
        });
        std::thread aborter([&] {
            pause(round, 2);
            if (round % 3 != 0)
                aborted = r.abort();
        });
        waiter.join();
        canceller.join();
        aborter.join();
        CHECK_HR(aborted, S_OK);
        const HRESULT end = op.ends();
        const machine_counts counts = on->counts();
        if (end == VSS_S_ASYNC_FINISHED) {
            ++finished;
            CHECK(told == VSS_S_ASYNC_FINISHED || told == VSS_E_BAD_STATE);
            CHECK_EQ(counts.aborts, 0);
            CHECK_EQ(counts.gone, 0);
            // A Cancel that came too late changed nothing; an abort ended it.
            CHECK_HR(r.complete().began, round % 3 != 0 ? VSS_E_BAD_STATE : S_OK);
        } else {
            ++cancelled;
            CHECK_HR(end, VSS_S_ASYNC_CANCELLED);
            CHECK(told == S_OK || told == VSS_S_ASYNC_CANCELLED);
            CHECK_EQ(counts.aborts, 3);
            CHECK_EQ(counts.gone, counts.made * 2);
            CHECK_HR(r.complete().began, VSS_E_BAD_STATE);
            CHECK(on->told().find("PostSnapshot") == std::string::npos);
        }
        op.release();
        r.release();
        all_is_well(*on);
    }
    std::printf("backup_race: %u cancelled, %u finished\n", cancelled, finished);
}

// The requester lets go of everything while others are at it.
void release_in_the_middle() {
    for (unsigned round = 0; round < rounds; ++round) {
        auto on = machine::make();
        requester r(*on);
        r.up_to_prepared();
        operation op = r.make_snapshot();
        std::thread other([&, mine = op.raw] {
            pause(round, 1);
            const HRESULT told = mine->Cancel();
            CHECK(told == S_OK || told == VSS_S_ASYNC_FINISHED || told == VSS_E_BAD_STATE);
            mine->Release();
        });
        op.raw = nullptr;
        pause(round, 2);
        r.release();
        other.join();
        all_is_well(*on);
        CHECK_EQ(on->counts().aborts % 3, 0);
        CHECK_EQ(on->counts().gone, on->counts().made * 2);
        const std::string told = on->told();
        CHECK(told.find("*:BackupShutdown") + 16 == told.size());
    }
}

// Every method from several threads: whoever is out of turn is told so.
void every_method_at_once() {
    for (unsigned round = 0; round < rounds / 4 + 1; ++round) {
        auto on = machine::make();
        requester r(*on);
        std::atomic<unsigned> sets{0}, snapshots{0}, prepared{0}, completed{0};
        const auto step = [&](unsigned which) {
            VSS_ID id;
            UINT count;
            operation op;
            switch (which % 9) {
            case 0:
                (void)r.initialise();
                break;
            case 1:
                (void)r->SetContext(round % 2 == 0 ? LONG{VSS_CTX_NAS_ROLLBACK} : LONG{0});
                break;
            case 2:
                (void)r->SetBackupState(TRUE, FALSE, VSS_BT_FULL, FALSE);
                break;
            case 3:
                if (r->StartSnapshotSet(&id) == S_OK)
                    ++sets;
                break;
            case 4:
                (void)r->AddToSnapshotSet(const_cast<VSS_PWSZ>(L"C:\\"), GUID{}, &id);
                break;
            case 5:
                op = r.prepare();
                prepared += op.began == S_OK ? 1 : 0;
                break;
            case 6:
                op = r.make_snapshot();
                snapshots += op.began == S_OK ? 1 : 0;
                break;
            case 7:
                op = r.inquire();
                (void)r->GetWriterStatusCount(&count);
                break;
            default:
                op = r.complete();
                completed += op.began == S_OK ? 1 : 0;
                break;
            }
            CHECK(op.began == E_FAIL || op.began == S_OK || op.began == VSS_E_BAD_STATE);
            if (op.raw != nullptr)
                CHECK_HR(op.ends(), VSS_S_ASYNC_FINISHED);
        };
        std::vector<std::thread> threads;
        for (unsigned who = 0; who < 4; ++who)
            threads.emplace_back([&, who] {
                for (unsigned at = 0; at < 27; ++at)
                    step(who % 2 == 0 ? at : at * (who + 3) + round);
            });
        for (std::thread &each : threads)
            each.join();
        // Whatever they came to: in order, and at most once each.
        CHECK_EQ(sets, 1);
        CHECK_EQ(prepared.load() <= 1, 1);
        CHECK_EQ(snapshots.load() <= 1, 1);
        CHECK_EQ(completed.load() <= snapshots.load(), 1);
        CHECK_HR(r.abort(), S_OK);
        r.release();
        all_is_well(*on);
    }
}

// Two requesters at one machine: a set is one requester's at a time.
void two_requesters() {
    auto on = machine::make();
    std::atomic<int> inside{0};
    std::atomic<unsigned> sets{0}, refused{0};
    const auto backups = [&](unsigned who) {
        for (unsigned round = 0; round < rounds; ++round) {
            requester r(*on);
            CHECK_HR(r.initialise(), S_OK);
            CHECK_HR(r->SetBackupState(TRUE, FALSE, VSS_BT_FULL, FALSE), S_OK);
            HRESULT started;
            while ((started = r.start_set()) != S_OK) {
                CHECK_HR(started, VSS_E_SNAPSHOT_SET_IN_PROGRESS);
                ++refused;
                Sleep(0);
            }
            CHECK_EQ(inside.fetch_add(1), 0);
            ++sets;
            CHECK_HR(r.prepare().ends(), VSS_S_ASYNC_FINISHED);
            if ((round + who) % 2 == 0) {
                inside.fetch_sub(1);
                CHECK_HR(r.abort(), S_OK);
                continue;
            }
            inside.fetch_sub(1);
            CHECK_HR(r.make_snapshot().ends(), VSS_S_ASYNC_FINISHED);
            CHECK_HR(r.complete().ends(), VSS_S_ASYNC_FINISHED);
        }
    };
    std::thread other(backups, 1);
    backups(0);
    other.join();
    CHECK_EQ(sets, rounds * 2);
    CHECK_EQ(on->objects(0), 0);
    CHECK_EQ(on->counts().left_frozen, 0);
    CHECK_EQ(on->locked(), 0);
    std::printf("backup_race: %u sets, %u times locked out\n", sets.load(), refused.load());
}

} // namespace

int main(int argc, char **argv) {
    if (argc > 1)
        rounds = static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10));
    CHECK(rounds != 0);
    wait_cancel_and_abort();
    release_in_the_middle();
    every_method_at_once();
    two_requesters();
    return check_report("backup_race.cpp");
}
