// A backup object's surroundings, played by the scenario: its writers, the provider, and
// the moments at which a Cancel meets the commit point.
#ifndef VSS_SIMULATOR_SCRIPTED_HOST_HPP
#define VSS_SIMULATOR_SCRIPTED_HOST_HPP

#include "simulation.hpp"

#include "quell_com/backup_host.hpp"

namespace vss_simulator {

/// Two parties, of which the scenario says who is first: whoever asks for a cancel, and
/// the provider at its commit point. A party that the other keeps waiting goes on after
/// the window.
class cancel_race {
  public:
    cancel_race(race order, std::uint32_t seed, std::uint32_t window_ms) noexcept;

    /// The operation of the snapshot has begun.
    void begins(const quell::observer &operation);
    /// The provider is about to commit.
    void at_commit_point(const quell::observer &stop);
    /// The snapshot stands: the writers are being told so.
    void committed();
    /// The operation is about to end.
    void ends();
    /// A cancel is about to be asked for; it has been answered.
    void asks();
    void answered();

    race order() const noexcept { return order_; }

  private:
    enum class step : std::uint32_t { before, committed, ending };

    template <class Done> void wait_until(Done done);
    void reach(step next);

    const race order_;
    const std::uint32_t window_ms_;
    SRWLOCK lock_ = SRWLOCK_INIT;
    CONDITION_VARIABLE changed_ = CONDITION_VARIABLE_INIT;
    step step_ = step::before;
    quell::observer operation_;
    bool asked_ = false;
    bool answered_ = false;
};

class scripted_host final : public quell::com::backup_host {
  public:
    explicit scripted_host(simulation &of);

    std::uint32_t writer_count() const noexcept override;
    quell::com::writer_identity writer(std::uint32_t place) const noexcept override;
    HRESULT tell(std::uint32_t place, quell::notice what) noexcept override;
    quell_session_lock_t &lock() noexcept override { return of_.lock(); }
    HRESULT ready() noexcept override;
    HRESULT snapshot(const quell::observer &stop) noexcept override;
    const wchar_t *device(std::uint32_t place) const noexcept override;
    HRESULT delete_snapshot(std::uint32_t place) noexcept override;
    HRESULT begin(const char *method, const quell::observer &stop) noexcept override;
    bool ignores_cancel(const char *method) const noexcept override;
    quell::com::backup_limits limits() const noexcept override;
    void observed(const quell::com::backup_event &event) noexcept override;
    void gone() noexcept override;

  private:
    void hang(quell::notice what) const;
    bool is_race(const quell::com::backup_event &event) const noexcept;

    simulation &of_;
    cancel_race race_;
    std::vector<std::wstring> devices_;
    std::atomic<const void *> object_{nullptr};
    std::atomic<const void *> snapshot_operation_{nullptr};
};

} // namespace vss_simulator

#endif
