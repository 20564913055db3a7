// The report: one account, as JSON for programs and as Markdown for people.
#ifndef VSS_SIMULATOR_REPORT_HPP
#define VSS_SIMULATOR_REPORT_HPP

#include "account.hpp"
#include "scenario_file.hpp"

#include <string>

namespace vss_simulator {

struct report {
    const scenario *script;
    /// Null: the scenario is good.
    const scenario_error *error;
    const journal::content *what_happened;
    const vss_simulator::account *account;
    circumstances around;
    std::string executable;
    /// Since the journal began.
    std::uint32_t at_ms;
};

std::string as_json(const report &of);
std::string as_markdown(const report &of);

/// Writes both beside each other: to `base`.json and `base`.md, each first to a file of
/// its own that is then renamed, so that who reads them finds whole ones. Whether it
/// could.
bool write_report(const report &of, const std::wstring &base);

/// QUELL_VSS_REPORT without `.json` or `.md`; empty where there is to be no report.
std::wstring report_base();

/// running, released, exited.
const char *name_of(process_state state);
/// How an operation ended, in a word: finished, failed, cancelled, pending.
const char *end_of(const operation_account &operation);
/// What became of the requester's references to it: released, released while pending, held.
const char *references_of(const operation_account &operation);
const char *snapshot_of(const object_account &object);

} // namespace vss_simulator

#endif
