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

std::string asked_for(const quell::status &seen) {
    if (seen.level == quell::level::none)
        return "";
    return std::string(" (asked: ") + quell::name(seen.level) + " " + quell::name(seen.cause) +
           ")";
}

void show_job(const running &there, const quell::table_entry &found) {
    const page &of = there.beside(found.slot);
    const counters &progress = of.progress;
    bool lives = there.lives(found.owner);
    std::uint64_t pid = of.pid.load(std::memory_order_relaxed);
    const char *what = name(of.what.load(std::memory_order_relaxed));
    std::uint64_t done = progress.bytes_done.load(std::memory_order_relaxed);
    std::uint64_t total = progress.bytes_total.load(std::memory_order_relaxed);
    std::uint64_t files_done = progress.files_done.load(std::memory_order_relaxed);
    std::uint64_t files_total = progress.files_total.load(std::memory_order_relaxed);
    // What was read is of this job only while it is there: the next one sets
    // its page up after this one's operation was retired.
    quell::status seen{};
    if (found.operation.look(seen) != quell::verdict::ok || seen.ended())
        return;
    if (!lives) {
        std::cout << "died: job " << found.tag << ", the " << what << " of process " << pid
                  << ", while " << quell::name(seen.phase) << asked_for(seen)
                  << "; the next job clears it up\n";
        return;
    }
    std::cout << "running: job " << found.tag << ", " << what << ", pid " << pid << ", "
              << quell::name(seen.phase) << asked_for(seen) << ", " << share(done, total)
              << " of " << human_size(total) << ", " << files_done << " of " << files_total
              << " files\n";
}

void show_jobs(const repository &home) {
    if (std::optional<running> there = running::look(home.running_path(), false))
        there->table().each([&](const quell::table_entry &found) { show_job(*there, found); });
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

int list(const std::string &path, bool only_running) {
    repository home = repository::open(path);
    int code = exit_code::done;
    if (only_running) {
        show_jobs(home);
        std::cout << std::flush;
        return code;
    }
    for (const std::string &id : home.snapshots()) {
        try {
            show(load_manifest(home, id));
        } catch (const failure &damage) {
            std::cout << printable(id) << "  DAMAGED\n";
            std::cerr << "qbackup: " << damage.what() << '\n';
            code = exit_code::error;
        }
    }
    show_jobs(home);
    std::cout << std::flush;
    return code;
}

} // namespace qbackup
