// What a journal comes to: each object, operation and writer, and what the requester did
// against the rules. Pure: the same journal and circumstances give the same account.
#ifndef VSS_SIMULATOR_ACCOUNT_HPP
#define VSS_SIMULATOR_ACCOUNT_HPP

#include "journal.hpp"
#include "rules.hpp"
#include "scenario.hpp"

namespace vss_simulator {

/// Where the process is. One that is killed stays `running`.
enum class process_state { running, released, exited };

/// What a journal does not hold.
struct circumstances {
    process_state process;
    /// The lock is held, and not by the scenario's other requester.
    bool lock_held;
};

struct finding {
    const vss_simulator::rule *rule;
    std::uint32_t object;
    std::uint32_t operation;
    std::string text;
};

struct operation_account {
    std::uint32_t number;
    std::uint32_t object;
    const char *method;
    std::uint32_t begun_ms = 0;
    std::uint32_t ended_ms = 0;
    bool ended = false;
    /// What QueryStatus says of the end.
    std::uint32_t end = 0;
    bool released = false;
    bool released_pending = false;
    bool destroyed = false;
    /// What each Cancel returned.
    std::vector<std::uint32_t> cancels{};
    /// The last Wait's time ran out, and nothing has followed.
    bool timed_out = false;
    /// A Wait was told S_OK, and no QueryStatus has followed.
    bool unseen = false;
    /// A Cancel was refused, and the end has not been seen since.
    bool too_late = false;
    /// A requester that went on has been found out already.
    bool went_on = false;

    bool finished() const noexcept { return ended && end == QUELL_VSS_S_ASYNC_FINISHED; }
};

struct object_account {
    std::uint32_t number;
    bool released = false;
    bool released_pending = false;
    bool destroyed = false;
    bool set_started = false;
    std::uint32_t aborts = 0;
    /// The snapshot of this backup was made and stood.
    bool created = false;
    /// It is gone again: deleted, or with the object.
    bool snapshot_gone = false;
    bool snapshot_deleted = false;
    bool snapshot_used = false;
    bool completed = false;
    bool writers_asked = false;
    bool orphaned = false;
};

struct writer_account {
    std::uint32_t told = 0;
    std::uint32_t aborts = 0;
    std::uint32_t refused = 0;
    /// A notice that it had not answered at the end.
    bool silent = false;
    std::uint32_t frozen_ms = 0;
    bool frozen_too_long = false;
};

struct account {
    std::vector<object_account> objects;
    std::vector<operation_account> operations;
    std::vector<writer_account> writers;
    std::vector<finding> findings;
};

account take_account(const journal::content &from, const scenario &script,
                     const circumstances &around);

} // namespace vss_simulator

#endif
