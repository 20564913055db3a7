#include "console.hpp"

#include <unistd.h>

#include <iostream>

namespace qbackup {

void console::unreadable(const std::string &sentence) {
    count_.fetch_add(1, std::memory_order_relaxed);
    note(sentence);
}

void console::note(const std::string &sentence) {
    // On a terminal the progress bar stands in this line, and draws itself
    // anew below.
    static const bool beside_bar = ::isatty(STDERR_FILENO) == 1;
    std::lock_guard<std::mutex> guard(mutex_);
    std::cerr << (beside_bar ? "\r\033[K" : "") << "qbackup: " + sentence + "\n";
}

} // namespace qbackup
