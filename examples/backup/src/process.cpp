#include "process.hpp"

#include <time.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace qbackup {

namespace {

/// Field 22 of /proc/PID/stat; 0 where there is no such process, or only what
/// is left of one until its parent asks.
std::uint64_t start_of(std::uint32_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(file, line))
        return 0;
    // The name stands in parentheses, and may itself hold some.
    std::size_t end = line.rfind(')');
    if (end == std::string::npos)
        return 0;
    std::istringstream fields(line.substr(end + 1));
    std::string field;
    fields >> field;
    if (field == "Z" || field == "X")
        return 0;
    constexpr int fields_between = 18;
    for (int count = 0; count < fields_between; ++count)
        fields >> field;
    std::uint64_t started = 0;
    fields >> started;
    return started;
}

std::uint64_t this_boot() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string text;
    std::getline(file, text);
    std::uint64_t folded = 14695981039346656037u;
    for (char letter : text)
        folded = (folded ^ static_cast<unsigned char>(letter)) * 1099511628211u;
    return folded;
}

} // namespace

process process::self() {
    auto pid = static_cast<std::uint32_t>(::getpid());
    return {pid, start_of(pid), this_boot()};
}

bool process::alive() const {
    return pid != 0 && started != 0 && boot == this_boot() && start_of(pid) == started;
}

std::uint64_t monotonic_now() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1000000000u +
           static_cast<std::uint64_t>(now.tv_nsec);
}

} // namespace qbackup
