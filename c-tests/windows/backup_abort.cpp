// AbortBackup's whole table through an interface pointer, by mingw-w64's headers
// alone: the rows of conformance/dialect-abort.csv.
//
// Rows of a state that a requester cannot be known to be in are left to the other
// fronts: in between two things that DoSnapshotSet's worker does.
#include "backup_requester.hpp"
#include "backup_rows.h"

namespace {

/// Which writers a journal says were told of an abort.
unsigned aborts_in(const std::string &journal) {
    unsigned mask = journal.find("*:Abort") != std::string::npos ? 7u : 0u;
    for (unsigned place = 0; place < 3; ++place)
        if (journal.find(std::to_string(place) + ":Abort") != std::string::npos)
            mask |= 1u << place;
    return mask;
}

class replay {
  public:
    explicit replay(const abort_row &row) : row_(row), on_(machine::make()), r_(*on_) {
        on_->profile(row.profile);
    }

    bool holds() {
        go();
        const std::uint32_t next = goes_on();
        const bool expected_snapshot = row_.snapshot != 0 && snapshot_.raw != nullptr;
        if (expected_snapshot)
            is("snapshot", static_cast<std::uint32_t>(snapshot_.status()), row_.snapshot);
        is("goes-on", next, row_.goes_on);
        is("returns", static_cast<std::uint32_t>(returned_), row_.returns);
        is("verdict", verdict_, row_.verdict);
        is("told", told_, row_.told);
        is("owed", aborts_in(rest_ + " " + on_->told()), row_.owed);
        is("lock", on_->locked(),
           row_.state == abort_state::initialised && row_.purpose != abort_purpose::restore
               ? 1u // By the next method.
               : row_.locked);
        look_at_writers();
        snapshot_.release();
        under_way_.release();
        r_.release();
        all_is_well(*on_);
        return holds_;
    }

  private:
    void is(const char *what, std::uint32_t actual, std::uint32_t expected) {
        count_check();
        if (actual == expected)
            return;
        holds_ = false;
        std::fprintf(stderr, "%s: %s is 0x%08lX, not 0x%08lX\n", row_.id, what,
                     static_cast<unsigned long>(actual), static_cast<unsigned long>(expected));
    }

    void abort_it() {
        (void)on_->told();
        returned_ = r_.abort();
        verdict_ = on_->abort_verdict();
        told_ = aborts_in(on_->told());
    }
    // From inside what writer 1 is told, and then to the end of it.
    void abort_inside(unsigned who, told_what what, operation (requester::*method)()) {
        on_->does(who, what, [this] { abort_it(); });
        operation &op = method == &requester::make_snapshot ? snapshot_ : under_way_;
        op = (r_.*method)();
        CHECK_HR(op.began, S_OK);
        const HRESULT end = op.ends();
        underway_end_ = end == VSS_S_ASYNC_FINISHED ? S_OK : end;
        was_under_way_ = who != PROVIDER;
        rest_ = on_->told();
    }
    void snapshot_ends() {
        snapshot_ = r_.make_snapshot();
        CHECK_HR(snapshot_.began, S_OK);
        (void)snapshot_.ends();
    }

    LONG context() const {
        return row_.purpose == abort_purpose::alone ? static_cast<LONG>(VSS_CTX_NAS_ROLLBACK)
                                                    : -2;
    }
    void go() {
        switch (row_.state) {
        case abort_state::vacant:
            return abort_it();
        case abort_state::initialised:
            if (row_.purpose == abort_purpose::restore) {
                BSTR document = SysAllocString(L"<BACKUP_COMPONENTS/>");
                CHECK_HR(r_->InitializeForRestore(document), S_OK);
                SysFreeString(document);
            } else {
                CHECK_HR(r_.initialise(), S_OK);
                if (context() != -2)
                    CHECK_HR(r_->SetContext(context()), S_OK);
            }
            return abort_it();
        case abort_state::set_started:
            r_.up_to_set(context());
            return abort_it();
        case abort_state::preparing:
            r_.up_to_set(context());
            return abort_inside(1, ON_PREPARE_BACKUP, &requester::prepare);
        case abort_state::prepare_failed:
            on_->answers(1, ON_PREPARE_BACKUP, VSS_E_WRITERERROR_NONRETRYABLE);
            r_.up_to_prepared(context());
            return abort_it();
        default:
            r_.up_to_prepared(context());
            return go_on_from_prepared();
        }
    }
    void go_on_from_prepared() {
        switch (row_.state) {
        case abort_state::preparing_snapshot:
            return abort_inside(1, ON_PREPARE_SNAPSHOT, &requester::make_snapshot);
        case abort_state::freezing:
            return abort_inside(1, ON_FREEZE, &requester::make_snapshot);
        case abort_state::holding:
            return abort_inside(PROVIDER, SNAPSHOT, &requester::make_snapshot);
        case abort_state::thawing:
            return abort_inside(1, ON_THAW, &requester::make_snapshot);
        case abort_state::post_snapshot:
            return abort_inside(1, ON_POST_SNAPSHOT, &requester::make_snapshot);
        case abort_state::aborted:
            abort_inside(PROVIDER, SNAPSHOT, &requester::make_snapshot);
            rest_.clear();
            return abort_it();
        case abort_state::vetoed:
            on_->answers(1, ON_FREEZE, VSS_E_WRITERERROR_NONRETRYABLE);
            break;
        case abort_state::timed_out:
            // Nobody looks at the clock before its freeze has returned.
            on_->limits(0, 60'000);
            on_->does(1, ON_FREEZE, [this] { on_->clock_passes(60'001); });
            break;
        case abort_state::hold_dropped:
            on_->limits(0, 1);
            on_->does(PROVIDER, SNAPSHOT, [this] {
                on_->clock_passes(10'001);
                while (on_->locked() != 0)
                    Sleep(1);
            });
            break;
        case abort_state::provider_failed:
            on_->answers(PROVIDER, SNAPSHOT, VSS_E_PROVIDER_VETO);
            break;
        case abort_state::snapshot_failed:
            on_->answers(PROVIDER, READY, VSS_E_PROVIDER_VETO);
            break;
        default:
            break;
        }
        if (row_.state != abort_state::prepared)
            snapshot_ends();
        if (row_.state == abort_state::completing)
            return abort_inside(1, ON_BACKUP_COMPLETE, &requester::complete);
        if (row_.state == abort_state::completed)
            CHECK_HR(r_.complete().ends(), VSS_S_ASYNC_FINISHED);
        abort_it();
    }

    /// What the method that was under way came to, or what comes next.
    std::uint32_t goes_on() {
        if (was_under_way_)
            return static_cast<std::uint32_t>(underway_end_);
        switch (row_.state) {
        case abort_state::vacant:
            return static_cast<std::uint32_t>(r_.initialise());
        case abort_state::initialised:
            return static_cast<std::uint32_t>(r_.start_set());
        case abort_state::set_started:
            return static_cast<std::uint32_t>(r_.prepare().began);
        case abort_state::prepared:
        case abort_state::prepare_failed:
            return static_cast<std::uint32_t>(r_.make_snapshot().began);
        default:
            return static_cast<std::uint32_t>(r_.complete().began);
        }
    }
    void look_at_writers() {
        UINT count = 7;
        CHECK_HR(r_.inquire().ends(), VSS_S_ASYNC_FINISHED);
        CHECK_HR(r_->GetWriterStatusCount(&count), S_OK);
        is("writers", count, static_cast<std::uint32_t>(row_.writers.size()));
        for (UINT place = 0; place < row_.writers.size(); ++place)
            is("writer", static_cast<std::uint32_t>(r_.ask_of(place).state),
               row_.writers[place]);
    }

    const abort_row &row_;
    std::unique_ptr<machine> on_;
    requester r_;
    operation under_way_, snapshot_;
    HRESULT returned_ = E_FAIL, underway_end_ = E_FAIL;
    bool was_under_way_ = false, holds_ = true;
    unsigned told_ = 0, verdict_ = 0;
    std::string rest_;
};

} // namespace

int backup_abort(const char *out) {
    std::FILE *const file = out != nullptr ? std::fopen(out, "wb") : nullptr;
    CHECK(out == nullptr || file != nullptr);
    unsigned replayed = 0, passing = 0, differing = 0;
    for (const abort_row &row : abort_rows()) {
        if (row.state == abort_state::passing) {
            ++passing;
            if (file != nullptr)
                std::fprintf(file, "%s out\n", row.id);
            continue;
        }
        const bool holds = replay(row).holds();
        ++replayed;
        differing += holds ? 0 : 1;
        if (file != nullptr)
            std::fprintf(file, "%s %s\n", row.id, holds ? "ok" : "differs");
    }
    CHECK(file == nullptr || std::fclose(file) == 0);
    std::printf("backup_abort: %u rows, %u left to other fronts, %u differing\n", replayed,
                passing, differing);
    CHECK_EQ(differing, 0);
    // Three states of two purposes, in three profiles.
    CHECK_EQ(passing, 3 * 2 * 3);
    CHECK(replayed > 0);
    return check_report("backup_abort.cpp");
}
