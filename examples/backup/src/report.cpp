#include "report.hpp"

#include <array>
#include <cstdio>
#include <cstring>

namespace qbackup {

std::string outcome_line(const quell::status &seen) {
    std::string line = std::string("outcome: ") + quell::name(seen.phase);
    if (seen.phase == quell::phase::cancelled)
        line += std::string("  level=") + quell::name(seen.level) +
                " cause=" + quell::name(seen.cause);
    line += std::string("  effects=") + quell::name(seen.effects);
    if (seen.code != 0)
        line += "  code=" + std::to_string(seen.code) + " (" +
                std::strerror(static_cast<int>(seen.code)) + ")";
    return line;
}

std::string latency_line(std::uint64_t asked_at, const page &of) {
    std::uint64_t ended_at = of.ended_at.load(std::memory_order_relaxed);
    double passed = ended_at > asked_at ? static_cast<double>(ended_at - asked_at) / 1e6 : 0;
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "request to end: %.1f ms", passed);
    return text.data();
}

} // namespace qbackup
