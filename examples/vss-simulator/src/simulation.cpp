#include "simulation.hpp"

#include "last_memory.hpp"
#include "report.hpp"
#include "text.hpp"

namespace vss_simulator {
namespace {

std::atomic<simulation *> the_one{nullptr};
INIT_ONCE made_once = INIT_ONCE_STATIC_INIT;

/// A requester that polls would write a report with every look.
constexpr std::uint32_t moment_ms = 100;

BOOL CALLBACK make(INIT_ONCE *, void *, void **) {
    // Its code runs on threads of its own, and at the process's end: it may not be unloaded.
    HMODULE self = nullptr;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                       reinterpret_cast<LPCWSTR>(&made_once), &self);
    the_one.store(new simulation);
    return TRUE;
}

std::string executable() {
    wchar_t path[MAX_PATH];
    const DWORD length = GetModuleFileNameW(nullptr, path, MAX_PATH);
    const std::wstring whole(path, length);
    return narrow(whole.substr(whole.find_last_of(L"\\/") + 1).c_str());
}

} // namespace

/// Another requester of the machine, who starts a set if nobody else has one.
class simulation::other_requester {
  public:
    explicit other_requester(quell_session_lock_t &lock) : session_(*this, lock) {
        holds_ = session_.initialise(quell::purpose::backup_alone) == quell::verdict::ok &&
                 session_.start_set() == quell::verdict::ok;
    }
    ~other_requester() { give_up(); }
    std::uint32_t tell(std::uint32_t, quell::notice) { return 0; }
    std::uint32_t now() { return GetTickCount(); }
    bool holds() const noexcept { return holds_; }
    void give_up() noexcept {
        if (holds_.exchange(false))
            (void)session_.abort();
    }

  private:
    quell::session<other_requester, 1> session_;
    std::atomic<bool> holds_{false};
};

simulation &simulation::instance() {
    InitOnceExecuteOnce(&made_once, &make, nullptr, nullptr);
    return *the_one.load();
}

simulation *simulation::existing() noexcept { return the_one.load(); }

simulation::simulation() : base_(report_base()), executable_(executable()) {
    auto read = read_scenario(environment(L"QUELL_VSS_SCENARIO"));
    if (auto *error = std::get_if<scenario_error>(&read)) {
        has_error_ = true;
        error_ = std::move(*error);
        complain(error_.text());
        return;
    }
    script_ = std::move(std::get<scenario>(read));
    if (script_.held_by_other_ms)
        other_ = new other_requester(lock_);
}

void simulation::complain(const std::string &about) {
    const std::string line = "vssapi: " + about + "\n";
    DWORD written = 0;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), line.data(), static_cast<DWORD>(line.size()),
              &written, nullptr);
}

void simulation::other_requester_acts() noexcept {
    if (other_ != nullptr && journal_.now_ms() >= *script_.held_by_other_ms)
        other_->give_up();
}

void simulation::comes() noexcept {
    AcquireSRWLockExclusive(&coming_);
    ++alive_;
    ReleaseSRWLockExclusive(&coming_);
}

void simulation::gone() {
    AcquireSRWLockExclusive(&coming_);
    --alive_;
    ReleaseSRWLockExclusive(&coming_);
    publish(false);
}

bool simulation::locked_by_requester() const noexcept {
    return (other_ == nullptr || !other_->holds()) &&
           quell_session_lock_look(&lock_) == QUELL_BUSY;
}

circumstances simulation::now() noexcept {
    circumstances seen{process_state::running, false};
    AcquireSRWLockExclusive(&coming_);
    if (alive_ == 0)
        seen = {process_state::released, locked_by_requester()};
    ReleaseSRWLockExclusive(&coming_);
    return seen;
}

void simulation::publish(bool soon) {
    if (base_.empty())
        return;
    if (soon && journal_.now_ms() - published_ms_.load() < moment_ms)
        return;
    due_.store(true);
    while (due_.load() && TryAcquireSRWLockExclusive(&publishing_) != FALSE) {
        due_.store(false);
        published_ms_.store(journal_.now_ms());
        const circumstances seen = now();
        write(journal_.read(), seen);
        ReleaseSRWLockExclusive(&publishing_);
    }
}

void simulation::publish_at_end() {
    if (base_.empty())
        return;
    last_memory::begin();
    journal::content content;
    if (journal_.read_at_end(content))
        write(content, {process_state::exited, locked_by_requester()});
}

void simulation::write(const journal::content &from, const circumstances &around) {
    const account made = take_account(from, script_, around);
    const report whole{&script_, error(), &from, &made, around, executable_, journal_.now_ms()};
    if (!write_report(whole, base_) && !complained_.exchange(true))
        complain(narrow(base_.c_str()) + ": the report cannot be written");
}

} // namespace vss_simulator
