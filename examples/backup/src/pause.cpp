#include "pause.hpp"

#include <chrono>
#include <cstdlib>
#include <thread>

namespace qbackup {

void pause_at(const std::string &point, const std::function<bool()> &enough) {
    const char *wish = std::getenv("QBACKUP_PAUSE_AT");
    if (wish == nullptr)
        return;
    std::string text = wish;
    std::size_t colon = text.find(':');
    if (colon == std::string::npos || text.substr(0, colon) != point)
        return;
    auto end = std::chrono::steady_clock::now() +
               std::chrono::milliseconds(std::strtol(text.c_str() + colon + 1, nullptr, 10));
    while (std::chrono::steady_clock::now() < end && !enough())
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

} // namespace qbackup
