// What a person can ask for. Each returns the exit code.
#ifndef QBACKUP_COMMANDS_HPP
#define QBACKUP_COMMANDS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace qbackup {

struct create_options {
    std::string repository;
    std::vector<std::string> sources;
    std::optional<double> deadline;
    unsigned threads = 0;
    std::uint64_t limit_rate = 0;
    std::string name;
    bool quiet = false;
};
int create(const create_options &options);

struct cancel_options {
    std::string repository;
    /// A number of `list --running`; without one, the create that runs.
    std::optional<std::uint32_t> job;
    bool immediate = false;
    bool wait = false;
};
int cancel(const cancel_options &options);

int list(const std::string &repository, bool only_running);
int verify(const std::string &repository, const std::string &snapshot);
int restore(const std::string &repository, const std::string &snapshot,
            const std::string &target);

} // namespace qbackup

#endif
