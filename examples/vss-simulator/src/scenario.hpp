// What a scenario says: the writers, the provider, the limits, and where they misbehave.
#ifndef VSS_SIMULATOR_SCENARIO_HPP
#define VSS_SIMULATOR_SCENARIO_HPP

#include <windows.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vss_simulator {

/// How a writer takes one notice.
struct reaction {
    std::uint32_t delay_ms = 0;
    /// Its refusal; zero: it agrees.
    std::uint32_t veto = 0;
    /// It does not answer before the backup is aborted.
    bool hangs = false;
};

/// The notices, by quell::notice; place 0 stands for none.
inline constexpr std::array notice_names{"",         "prepare", "prepare_snapshot",
                                         "freeze",   "thaw",    "post_snapshot",
                                         "complete", "abort",   "shutdown"};

struct writer_script {
    std::string name;
    std::wstring wide_name;
    GUID class_id{};
    GUID instance_id{};
    std::array<reaction, notice_names.size()> reactions{};
};

/// One of the provider's two steps: getting ready, and making the snapshot.
struct provider_step {
    std::uint32_t delay_ms = 0;
    /// How it fails; zero: it does not.
    std::uint32_t fails_with = 0;
};

/// Who is first where a Cancel meets the commit point of the snapshot.
enum class race {
    none,
    /// The request is recorded; then the provider tries to commit.
    cancel_first,
    /// The provider commits; the request comes before the operation has ended.
    commit_first,
    /// The operation has finished; then the request comes.
    end_first,
    /// One of the three, by the scenario's seed.
    seeded,
};

/// How one asynchronous method's operation goes.
struct operation_script {
    std::uint32_t delay_ms = 0;
    std::uint32_t fails_with = 0;
    /// It finishes although it has been asked to stop.
    bool ignores_cancel = false;
};

inline constexpr std::array operation_names{"GatherWriterMetadata", "PrepareForBackup",
                                            "DoSnapshotSet", "GatherWriterStatus",
                                            "BackupComplete"};

struct scenario {
    /// As it was named; empty: the defaults.
    std::string file;
    std::uint32_t seed = 1;
    std::vector<writer_script> writers;
    std::string provider_name = "quell simulator";
    provider_step ready;
    provider_step commit;
    race cancel_race = race::none;
    /// How long the commit point waits for a Cancel to race with.
    std::uint32_t race_window_ms = 10'000;
    std::uint32_t freeze_limit_ms = 60'000;
    std::uint32_t hold_limit_ms = 10'000;
    std::array<operation_script, operation_names.size()> operations{};
    /// How long another requester holds the set, from the first backup object on; none:
    /// it does not.
    std::optional<std::uint32_t> held_by_other_ms;

    /// The script of a method's operation; the default where it has none.
    const operation_script &operation(const char *method) const noexcept;
};

/// The scenario without a file: one healthy writer.
scenario default_scenario();

/// A writer of this name; its identifiers are made from it.
writer_script writer_named(const std::string &name);

} // namespace vss_simulator

#endif
