#include <array>
#include <cstdio>
#include <iostream>

#include <quell.hpp>

#include "commands.hpp"
#include "exit_code.hpp"
#include "failure.hpp"
#include "manifest.hpp"
#include "repository.hpp"
#include "running.hpp"
#include "text.hpp"

namespace qbackup {

namespace {

std::string share(std::uint64_t done, std::uint64_t total) {
    double percent =
        total == 0 ? 0 : 100 * static_cast<double>(done) / static_cast<double>(total);
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f%%", percent);
    return text.data();
}

void show_running(const running &there) {
    slot &page = there.page();
    quell::canceller operation = quell::canceller::of(page.op);
    bool held = there.held();
    std::uint32_t pid = page.holder().pid;
    quell::status seen{};
    if (operation.look(seen) != quell::verdict::ok || seen.phase == quell::phase::vacant)
        return;
    if (!held) {
        if (!seen.ended())
            std::cout << "died: process " << pid << ", while " << quell::name(seen.phase)
                      << "; the next create clears it up\n";
        return;
    }
    const counters &progress = page.progress;
    std::uint64_t done = progress.bytes_done.load(std::memory_order_relaxed);
    std::uint64_t total = progress.bytes_total.load(std::memory_order_relaxed);
    std::cout << "running: pid " << pid << ", " << quell::name(seen.phase);
    if (seen.level != quell::level::none)
        std::cout << " (asked: " << quell::name(seen.level) << " " << quell::name(seen.cause)
                  << ")";
    std::cout << ", " << share(done, total) << " of " << human_size(total) << ", "
              << progress.files_done.load(std::memory_order_relaxed) << " of "
              << progress.files_total.load(std::memory_order_relaxed) << " files\n";
}

void show(const manifest &snapshot) {
    std::cout << snapshot.id << "  " << snapshot.files() << " files, "
              << human_size(snapshot.bytes());
    if (!snapshot.name.empty())
        std::cout << "  " << printable(snapshot.name);
    for (const std::string &source : snapshot.sources)
        std::cout << "  " << printable(source);
    std::cout << '\n';
}

} // namespace

int list(const std::string &path) {
    repository home = repository::open(path);
    int code = exit_code::done;
    for (const std::string &id : home.snapshots()) {
        try {
            show(load_manifest(home, id));
        } catch (const failure &damage) {
            std::cout << printable(id) << "  DAMAGED\n";
            std::cerr << "qbackup: " << damage.what() << '\n';
            code = exit_code::error;
        }
    }
    if (std::optional<running> there = running::look(home.running_path(), false))
        show_running(*there);
    std::cout << std::flush;
    return code;
}

} // namespace qbackup
