// The scripted machine, over quell.
#include "backup_machine.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "quell_com/backup_components.hpp"

namespace {

static_assert(static_cast<unsigned>(ON_PREPARE_BACKUP) ==
                  static_cast<unsigned>(QUELL_NOTICE_PREPARE),
              "the same numbers");
static_assert(static_cast<unsigned>(ON_FREEZE) == static_cast<unsigned>(QUELL_NOTICE_FREEZE),
              "the same numbers");
static_assert(static_cast<unsigned>(ON_POST_SNAPSHOT) ==
                  static_cast<unsigned>(QUELL_NOTICE_POST_SNAPSHOT),
              "the same numbers");
static_assert(static_cast<unsigned>(ON_BACKUP_SHUTDOWN) ==
                  static_cast<unsigned>(QUELL_NOTICE_SHUTDOWN),
              "the same numbers");

const char *text_of(unsigned what) {
    static const char *const names[] = {"",
                                        "PrepareBackup",
                                        "PrepareSnapshot",
                                        "Freeze",
                                        "Thaw",
                                        "PostSnapshot",
                                        "BackupComplete",
                                        "Abort",
                                        "BackupShutdown",
                                        "Ready",
                                        "Snapshot",
                                        "Identify",
                                        "Inquire",
                                        "Revert",
                                        "Delete",
                                        "Begin",
                                        "Committed"};
    return names[what];
}

class scripted final : public machine, public quell::com::backup_host {
    using key = std::pair<unsigned, unsigned>;

  public:
    explicit scripted(unsigned writers) : writers_(writers), state_(writers) {}

    // --- the script's

    HRESULT new_backup(IVssBackupComponents **into) override {
        return quell::com::make_backup_components(*this, into);
    }
    void answers(unsigned who, told_what what, HRESULT code) override {
        std::lock_guard<std::mutex> held(mutex_);
        answers_[{who, what}] = code;
    }
    void does(unsigned who, told_what what, std::function<void()> then) override {
        std::lock_guard<std::mutex> held(mutex_);
        does_[{who, what}] = std::move(then);
    }
    void holds(unsigned who, told_what what) override {
        std::lock_guard<std::mutex> held(mutex_);
        holds_.insert({who, what});
    }
    void await_held() override {
        std::unique_lock<std::mutex> held(mutex_);
        changed_.wait(held, [&] { return held_ > 0; });
    }
    bool let_go() override {
        std::unique_lock<std::mutex> held(mutex_);
        const bool some = held_ > 0;
        ++lets_go_;
        changed_.notify_all();
        changed_.wait(held, [&] { return held_ == 0; });
        return some;
    }
    void holds_nobody() override {
        std::lock_guard<std::mutex> held(mutex_);
        holds_.clear();
    }
    bool comes_to(unsigned who, told_what what) override {
        const key awaited{who, what};
        std::unique_lock<std::mutex> held(mutex_);
        return changed_.wait_for(held, std::chrono::seconds(5), [&] {
            return held_at_.count(awaited) != 0 ||
                   std::find(told_.begin(), told_.end(), awaited) != told_.end();
        });
    }
    void provider_listens(bool listens) override { listens_ = listens; }
    void clock_passes(unsigned ms) override { now_ += ms; }
    void limits(unsigned abort_ms, unsigned watch_ms) override {
        limits_.abort = abort_ms;
        limits_.watch = watch_ms;
    }
    void profile(unsigned raw) override { profile_ = raw; }
    void without_threads(bool without) override { without_threads_ = without; }

    std::string told() override {
        std::lock_guard<std::mutex> held(mutex_);
        std::string said;
        for (std::size_t at = 0; at < told_.size(); ++at) {
            const unsigned what = told_[at].second;
            std::size_t run = 0;
            while (run < writers_ && at + run < told_.size() &&
                   told_[at + run] == key(static_cast<unsigned>(run), what))
                ++run;
            const bool all = writers_ > 1 && run == writers_;
            said += said.empty() ? "" : " ";
            said += all                           ? "*"
                    : told_[at].first == PROVIDER ? "provider"
                                                  : std::to_string(told_[at].first);
            said += ":";
            said += text_of(what);
            at += all ? run - 1 : 0;
        }
        told_.clear();
        return said;
    }
    std::vector<key> take_told() override {
        std::lock_guard<std::mutex> held(mutex_);
        return std::exchange(told_, {});
    }
    std::string report(const char *of) override {
        std::lock_guard<std::mutex> held(mutex_);
        std::string said = report_[of];
        report_[of].clear();
        return said;
    }
    unsigned abort_verdict() override { return abort_verdict_; }
    machine_counts counts() override {
        std::lock_guard<std::mutex> held(mutex_);
        machine_counts now = counts_;
        for (const auto &each : state_)
            now.left_frozen += each.frozen ? 1 : 0;
        return now;
    }
    unsigned objects(unsigned expected) override {
        for (unsigned tries = 0; tries < 5000 && quell::com::live_objects() != expected;
             ++tries)
            Sleep(1);
        return quell::com::live_objects();
    }
    unsigned locked() override { return lock_.word >> 31; }

    // --- the host's

    std::uint32_t writer_count() const noexcept override { return writers_; }
    quell::com::writer_identity writer(std::uint32_t place) const noexcept override {
        static const wchar_t *const names[] = {L"first", L"second", L"third"};
        GUID class_id{0xC1A55, 0, 0, {0}};
        GUID instance_id{0x1257, 0, 0, {0}};
        class_id.Data4[7] = instance_id.Data4[7] = static_cast<unsigned char>(place);
        return {class_id, instance_id, names[place]};
    }
    HRESULT tell(std::uint32_t place, quell::notice notice) noexcept override {
        const auto what = static_cast<unsigned>(notice);
        auto &writer = state_[place];
        {
            std::lock_guard<std::mutex> held(mutex_);
            counts_.at_once += writer.busy ? 1 : 0;
            writer.busy = true;
            if (what == ON_PREPARE_BACKUP)
                writer.aborted = false;
            if (what == ON_FREEZE)
                writer.frozen = true;
            if (what == ON_ABORT) {
                ++counts_.aborts;
                counts_.repeated_aborts += writer.aborted ? 1 : 0;
                writer.aborted = true;
            }
            if (what == ON_THAW || what == ON_ABORT)
                writer.frozen = false;
        }
        const HRESULT code = happens(place, what, true);
        std::lock_guard<std::mutex> held(mutex_);
        writer.busy = false;
        return code;
    }
    quell_session_lock_t &lock() noexcept override { return lock_; }
    HRESULT ready() noexcept override { return happens(PROVIDER, READY, false); }
    HRESULT snapshot(const quell::observer &stop) noexcept override {
        const HRESULT code = happens(PROVIDER, SNAPSHOT, true);
        if (listens_ && stop.stop_requested())
            return E_ABORT;
        std::lock_guard<std::mutex> held(mutex_);
        counts_.made += FAILED(code) ? 0 : 1;
        return code;
    }
    void committed() noexcept override { (void)happens(PROVIDER, COMMITTED, false); }
    const wchar_t *device(std::uint32_t) const noexcept override { return L"\\\\?\\device"; }
    HRESULT add_volume(const wchar_t *name) noexcept override {
        return name[0] == L'?' ? VSS_E_VOLUME_NOT_SUPPORTED : S_OK;
    }
    HRESULT delete_snapshot(std::uint32_t) noexcept override {
        const HRESULT code = happens(PROVIDER, DELETE_SNAPSHOT, false);
        std::lock_guard<std::mutex> held(mutex_);
        counts_.gone += FAILED(code) ? 0 : 1;
        return code;
    }
    HRESULT identify(const quell::observer &) noexcept override {
        return happens(PROVIDER, IDENTIFY, false);
    }
    HRESULT inquire(const quell::observer &) noexcept override {
        return happens(PROVIDER, INQUIRE, false);
    }
    HRESULT revert(const wchar_t *) noexcept override {
        return happens(PROVIDER, REVERT, false);
    }
    HRESULT begin(const char *, const quell::observer &) noexcept override {
        return happens(PROVIDER, BEGIN, false);
    }
    std::uint32_t now_ms() noexcept override { return now_; }
    bool run(void (*work)(void *), void *context) noexcept override {
        return !without_threads_ && backup_host::run(work, context);
    }
    quell::com::backup_limits limits() const noexcept override { return limits_; }
    std::uint32_t profile() const noexcept override { return profile_; }
    void observed(const quell::com::backup_event &event) noexcept override {
        static const char *const names[] = {"made",      "returned",  "begun",
                                            "ended",     "let go",    "released",
                                            "destroyed", "destroyed", "snapshot gone"};
        if (event.what == quell::com::happening::called)
            return;
        char code[12];
        std::snprintf(code, sizeof code, "%08lX", static_cast<unsigned long>(event.code));
        std::lock_guard<std::mutex> held(mutex_);
        if (event.asked && event.method == std::string("AbortBackup"))
            abort_verdict_ = static_cast<unsigned>(event.verdict);
        std::string &line = report_[event.method];
        line += line.empty() ? "" : ", ";
        line += names[static_cast<unsigned>(event.what)];
        if (event.pending)
            line += " while pending";
        if (event.code != S_OK)
            line += std::string(" ") + code;
    }

  private:
    HRESULT happens(unsigned who, unsigned what, bool listed) noexcept {
        std::function<void()> then;
        std::unique_lock<std::mutex> held(mutex_);
        if (listed)
            told_.push_back({who, what});
        changed_.notify_all();
        if (const auto found = does_.find({who, what}); found != does_.end()) {
            then = std::move(found->second);
            does_.erase(found);
        }
        if (holds_.erase({who, what}) != 0) {
            ++held_;
            held_at_.insert({who, what});
            const unsigned before = lets_go_;
            changed_.notify_all();
            changed_.wait(held, [&] { return lets_go_ != before; });
            --held_;
            held_at_.erase({who, what});
            changed_.notify_all();
        }
        if (then) {
            held.unlock();
            then();
            held.lock();
        }
        const auto found = answers_.find({who, what});
        return found == answers_.end() ? S_OK : found->second;
    }

    struct writer_now {
        bool busy = false, frozen = false, aborted = false;
    };

    const unsigned writers_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<key, HRESULT> answers_;
    std::map<key, std::function<void()>> does_;
    std::set<key> holds_, held_at_;
    std::vector<key> told_;
    std::map<std::string, std::string> report_;
    std::vector<writer_now> state_;
    machine_counts counts_{};
    unsigned held_ = 0, lets_go_ = 0;
    unsigned abort_verdict_ = ~0u;
    quell_session_lock_t lock_{};
    quell::com::backup_limits limits_{};
    std::uint32_t profile_ = QUELL_VSS_PROFILE_WINDOWS_7;
    // Shortly before it wraps.
    std::atomic<std::uint32_t> now_{0xFFFFFF00u};
    std::atomic<bool> listens_{true};
    std::atomic<bool> without_threads_{false};
};

} // namespace

std::unique_ptr<machine> machine::make(unsigned writers) {
    return std::make_unique<scripted>(writers);
}
