// The machine that a requester's process finds itself on: one scenario, one lock, one
// journal, and the report of them.
//
// There is one, made by the first CreateVssBackupComponents and never destroyed: threads
// of the requester may use it until the process is gone.
#ifndef VSS_SIMULATOR_SIMULATION_HPP
#define VSS_SIMULATOR_SIMULATION_HPP

#include "account.hpp"
#include "journal.hpp"
#include "scenario_file.hpp"

#include <atomic>

namespace vss_simulator {

class simulation {
  public:
    /// The one; made where there is none yet.
    static simulation &instance();
    /// The one, or null where there is none.
    static simulation *existing() noexcept;

    simulation();
    simulation(const simulation &) = delete;
    simulation &operator=(const simulation &) = delete;

    const scenario &script() const noexcept { return script_; }
    /// Why there is no simulation; null where there is one.
    const scenario_error *error() const noexcept { return has_error_ ? &error_ : nullptr; }
    journal &log() noexcept { return journal_; }
    quell_session_lock_t &lock() noexcept { return lock_; }
    /// Lets the scenario's other requester give up the set, if it is time.
    void other_requester_acts() noexcept;

    /// A backup object comes; it and its operations are gone.
    void comes() noexcept;
    void gone();

    /// Writes the report anew; `soon`: unless it was written a moment ago.
    void publish(bool soon);
    /// Writes it for the last time, with no other thread alive.
    void publish_at_end();

  private:
    class other_requester;

    circumstances now() noexcept;
    bool locked_by_requester() const noexcept;
    void write(const journal::content &from, const circumstances &around);
    void complain(const std::string &about);

    scenario script_;
    bool has_error_ = false;
    scenario_error error_;
    journal journal_;
    quell_session_lock_t lock_{};
    other_requester *other_ = nullptr;
    std::wstring base_;
    std::string executable_;
    // How many backup objects and what is theirs; no more come while the lock is looked at.
    SRWLOCK coming_ = SRWLOCK_INIT;
    std::uint32_t alive_ = 0;
    // Who publishes holds it; a report that is due meanwhile is `due_`.
    SRWLOCK publishing_ = SRWLOCK_INIT;
    std::atomic<bool> due_{false};
    std::atomic<bool> complained_{false};
    std::atomic<std::uint32_t> published_ms_{0};
};

} // namespace vss_simulator

#endif
