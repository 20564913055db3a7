#include <signal.h>

#include <algorithm>
#include <iostream>
#include <thread>

#include <quell.hpp>

#include "backup.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "failure.hpp"
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
    switch (seen.cause) {
    case quell::cause::deadline:
        return exit_code::deadline;
    case quell::cause::shutdown:
        return exit_code::shutdown;
    default:
        return exit_code::user;
    }
}

void say_what_was_cleared(const running &held, const repository &home) {
    if (std::optional<remains> dead = held.clear()) {
        std::cout << "recovered: the create of process " << dead->pid << " died while "
                  << quell::name(dead->phase);
        if (dead->level != quell::level::none)
            std::cout << ", asked to stop (" << quell::name(dead->level) << ")";
        std::cout << "; its operation was forced and retired" << std::endl;
    }
    std::size_t cleared = home.clear_temporaries();
    if (cleared != 0)
        std::cout << "recovered: " << cleared << " unfinished "
                  << (cleared == 1 ? "file" : "files") << " removed" << std::endl;
}

void say_how_it_ended(const quell::status &seen, const backup &job, const listener &signals,
                      const slot &page) {
    for (const request &made : signals.made())
        std::cout << "verdict: " << quell::name(made.verdict) << " (" << quell::name(made.level)
                  << " " << quell::name(made.cause) << ")\n";
    std::cout << outcome_line(seen) << '\n'
              << "snapshot: " << (job.stands() ? job.id() : "none") << '\n'
              << "new: " << page.progress.chunks_stored.load(std::memory_order_relaxed)
              << " chunks, " << page.progress.bytes_stored.load(std::memory_order_relaxed)
              << " bytes stored; reused: "
              << page.progress.chunks_reused.load(std::memory_order_relaxed) << " chunks\n";
    if (seen.phase == quell::phase::cancelled)
        std::cout << latency_line(page.asked_at.load(std::memory_order_relaxed), page) << '\n';
    std::cout << std::flush;
    if (!job.trouble().empty())
        std::cerr << "qbackup: " << job.trouble() << std::endl;
    if (seen.phase == quell::phase::finished && job.unreadable() != 0)
        std::cerr << "qbackup: " << job.unreadable()
                  << " could not be read and are not in the snapshot" << std::endl;
}

/// The operation's life, under the lock.
int run(create_options options, const repository &home, const running &held,
        std::vector<std::string> sources) {
    slot &page = held.page();
    quell::owner owner = quell::owner::arm(page.op);
    if (!owner)
        throw_damaged(std::string("the operation cannot be armed: ") +
                      quell::name(owner.refusal()));
    listener signals(owner.canceller(), page);
    if (options.deadline)
        signals.set_deadline(*options.deadline);
    if (options.threads == 0)
        options.threads = std::max(1u, std::thread::hardware_concurrency());

    quell::status seen{};
    pause_at("start", [&] { return owner.look(seen) == quell::verdict::ok && seen.ended(); });
    backup job(options, home, page, std::move(sources));
    {
        quell::worker worker = owner.start();
        if (worker)
            job.work(worker);
        else
            // Cancelled before it started: the request was the end.
            page.ended_at.store(page.asked_at.load(std::memory_order_relaxed),
                                std::memory_order_relaxed);
    }
    (void)owner.look(seen);
    say_how_it_ended(seen, job, signals, page);
    return exit_code_of(seen, job.unreadable());
}

} // namespace

int create(const create_options &options) {
    // Whoever stops reading the progress does not want the backup dead.
    ::signal(SIGPIPE, SIG_IGN);
    (void)real_sources(options.sources, "");
    std::string place = repository::prepare(options.repository);
    std::vector<std::string> sources = real_sources(options.sources, place);
    running held = running::take(repository::running_path(place));
    repository home = repository::open_or_make(place);
    say_what_was_cleared(held, home);
    held.enter();
    int code = run(options, home, held, std::move(sources));
    held.leave();
    return code;
}

} // namespace qbackup
