#include <signal.h>

#include <algorithm>
#include <iostream>
#include <thread>

#include <quell.hpp>

#include "backup.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "job.hpp"
#include "pause.hpp"
#include "report.hpp"
#include "requests.hpp"
#include "text.hpp"
#include "walker.hpp"

namespace qbackup {

namespace {

int exit_code_of(const quell::status &seen, std::uint64_t unreadable) {
    if (seen.phase == quell::phase::finished)
        return unreadable == 0 ? exit_code::done : exit_code::unreadable;
    if (seen.phase != quell::phase::cancelled)
        return exit_code::error;
    return exit_code::of_cancelled(seen.cause);
}

void clear_temporaries(const repository &home) {
    std::size_t cleared = home.clear_temporaries();
    if (cleared != 0)
        std::cout << "recovered: " << cleared << " unfinished "
                  << (cleared == 1 ? "file" : "files") << " removed" << std::endl;
}

void say_how_it_ended(const quell::status &seen, const backup &job, const listener &signals,
                      const page &of) {
    for (const request &made : signals.made())
        std::cout << "verdict: " << quell::name(made.verdict) << " (" << quell::name(made.level)
                  << " " << quell::name(made.cause) << ")\n";
    std::cout << outcome_line(seen) << '\n'
              << "snapshot: " << (job.stands() ? job.id() : "none") << '\n'
              << "new: " << of.progress.chunks_stored.load(std::memory_order_relaxed)
              << " chunks, " << of.progress.bytes_stored.load(std::memory_order_relaxed)
              << " bytes stored; reused: "
              << of.progress.chunks_reused.load(std::memory_order_relaxed) << " chunks\n";
    if (seen.phase == quell::phase::cancelled)
        std::cout << latency_line(of.asked_at.load(std::memory_order_relaxed), of) << '\n';
    std::cout << std::flush;
    if (!job.trouble().empty())
        std::cerr << "qbackup: " << job.trouble() << std::endl;
    if (seen.phase == quell::phase::finished && job.unreadable() != 0)
        std::cerr << "qbackup: " << job.unreadable()
                  << " could not be read and are not in the snapshot" << std::endl;
}

/// The operation's life.
int run(create_options options, const repository &home, const running &there,
        std::vector<std::string> sources) {
    quell::tenant tenant = there.enter(job_kind::create);
    page &beside = there.beside(tenant.slot());
    listener signals(tenant.canceller(), beside);
    if (options.deadline)
        signals.set_deadline(*options.deadline);
    if (options.threads == 0)
        options.threads = std::max(1u, std::thread::hardware_concurrency());

    quell::status seen{};
    pause_at("start", [&] { return tenant.look(seen) == quell::verdict::ok && seen.ended(); });
    backup job(options, home, *tenant.raw().op, beside, std::move(sources));
    {
        quell::worker worker = tenant.start();
        if (worker)
            job.work(worker);
        else
            // Cancelled before it started: the request was the end.
            beside.ended_at.store(beside.asked_at.load(std::memory_order_relaxed),
                                  std::memory_order_relaxed);
    }
    (void)tenant.look(seen);
    say_how_it_ended(seen, job, signals, beside);
    return exit_code_of(seen, job.unreadable());
}

} // namespace

int create(const create_options &options) {
    // Whoever stops reading the progress does not want the backup dead.
    ::signal(SIGPIPE, SIG_IGN);
    (void)real_sources(options.sources, "");
    std::string place = repository::prepare(options.repository);
    std::vector<std::string> sources = real_sources(options.sources, place);
    running there = running::take(repository::running_path(place), job_kind::create);
    repository home = repository::open_or_make(place);
    say_what_was_cleared(there);
    clear_temporaries(home);
    return run(options, home, there, std::move(sources));
}

} // namespace qbackup
