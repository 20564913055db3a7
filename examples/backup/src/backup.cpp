#include "backup.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <new>
#include <thread>
#include <unordered_set>

#include "archiver.hpp"
#include "clock.hpp"
#include "failure.hpp"
#include "file.hpp"
#include "manifest_file.hpp"
#include "pause.hpp"
#include "progress.hpp"
#include "references.hpp"
#include "text.hpp"
#include "throttle.hpp"
#include "walker.hpp"

namespace qbackup {

namespace {

/// The time in UTC, so that ids sort as snapshots follow each other.
std::string new_id() {
    timeval now{};
    ::gettimeofday(&now, nullptr);
    tm parts{};
    ::gmtime_r(&now.tv_sec, &parts);
    std::array<char, 32> day{};
    std::array<char, 64> text{};
    std::strftime(day.data(), day.size(), "%Y%m%d-%H%M%S", &parts);
    std::snprintf(text.data(), text.size(), "%s-%06ld", day.data(),
                  static_cast<long>(now.tv_usec));
    return text.data();
}

std::string host_name() {
    std::array<char, 256> text{};
    return ::gethostname(text.data(), text.size() - 1) == 0 ? text.data() : "";
}

} // namespace

backup::backup(const create_options &options, const repository &home, const quell_op_t &op,
               page &beside, std::vector<std::string> sources)
    : options_(options), home_(home), page_(beside), sign_(op), sources_(std::move(sources)) {
    do
        snapshot_.id = new_id();
    while (exists(home.manifest_path(snapshot_.id)));
    snapshot_.name = options.name;
    snapshot_.host = host_name();
    snapshot_.sources = sources_;
}

void backup::work(quell::worker &worker) {
    std::uint32_t code = 0;
    try {
        run(worker);
        return;
    } catch (const failure &trouble) {
        trouble_ = trouble.what();
        code = static_cast<std::uint32_t>(trouble.code());
    } catch (const std::bad_alloc &) {
        trouble_ = "out of memory";
        code = ENOMEM;
    } catch (const std::exception &trouble) {
        trouble_ = trouble.what();
        code = EIO;
    }
    page_.ended_at.store(monotonic_now(), std::memory_order_relaxed);
    // `cancelled` where a request came first: that is how it ended then.
    (void)worker.fail(code);
}

void backup::run(quell::worker &worker) {
    std::optional<temporary> written;
    if (prepare(written)) {
        pause_at("before-commit", [this] { return sign_.halt(); });
        if (worker.commit() == quell::verdict::ok) {
            pause_at("commit");
            written->publish(home_.manifest_path(snapshot_.id));
            stands_ = true;
            sync_directory(home_.path() + "/snapshots");
            page_.ended_at.store(monotonic_now(), std::memory_order_relaxed);
            if (worker.finish() != quell::verdict::ok)
                throw failure(EPROTO, "the operation was ended by somebody else");
            return;
        }
    }
    pause_at("acknowledge");
    written.reset();
    bool nothing_new = page_.progress.chunks_stored.load(std::memory_order_relaxed) == 0;
    page_.ended_at.store(monotonic_now(), std::memory_order_relaxed);
    if (worker.acknowledge(nothing_new ? quell::effects::none : quell::effects::partial) !=
        quell::verdict::ok)
        throw failure(EPROTO, "the operation was ended by somebody else");
}

/// All that can be undone. False where a request came.
bool backup::prepare(std::optional<temporary> &written) {
    if (!walk() || !store() || !bring_to_disk())
        return false;
    written.emplace(home_.temporary_path("manifest"));
    return write_manifest(*written, snapshot_, sign_);
}

bool backup::walk() {
    walker found(
        home_.path(), sign_, [this](const std::string &what) { console_.unreadable(what); },
        [this](const std::string &what) { console_.note(what); });
    for (const std::string &source : sources_) {
        if (!found.add(source))
            return false;
    }
    snapshot_.entries = std::move(found.entries());
    std::uint64_t files = 0;
    for (const entry &item : snapshot_.entries)
        files += item.what == kind::file ? 1 : 0;
    page_.progress.files_total.store(files, std::memory_order_relaxed);
    page_.progress.bytes_total.store(snapshot_.bytes(), std::memory_order_relaxed);
    return !sign_.halt();
}

bool backup::store() {
    references known = find_references(home_, sign_);
    for (const std::string &damage : known.damaged)
        console_.note("warning: " + damage);
    if (sign_.halt())
        return false;
    unsigned threads = options_.threads;
    if (!options_.quiet)
        std::cout << "backing up " << page_.progress.files_total.load(std::memory_order_relaxed)
                  << " files, " << human_size(snapshot_.bytes()) << ", with " << threads
                  << (threads == 1 ? " thread" : " threads") << std::endl;
    chunk_store chunks(home_, std::move(known.chunks));
    throttle limit(options_.limit_rate);
    progress shown(page_.progress, options_.quiet);
    archiver workers(
        chunks, page_.progress, sign_, limit, threads,
        [this](const std::string &what) { console_.unreadable(what); },
        [this](const std::string &what) { console_.note(what); });
    for (entry &item : snapshot_.entries) {
        if (sign_.halt())
            break;
        if (item.what == kind::file)
            workers.add(item);
    }
    workers.join();
    if (sign_.halt())
        return false;
    drop_lost(workers);
    return true;
}

/// Takes what could not be read out of the manifest, and its hard links.
void backup::drop_lost(const archiver &threads) {
    std::unordered_set<std::string> gone;
    for (const entry &item : snapshot_.entries) {
        if (threads.lost(item))
            gone.insert(item.path);
        else if (item.what == kind::hard_link && gone.count(item.target) != 0) {
            gone.insert(item.path);
            console_.unreadable("left out, its other name could not be read: " +
                                printable("/" + item.path));
        }
    }
    auto is_gone = [&](const entry &item) { return gone.count(item.path) != 0; };
    snapshot_.entries.erase(
        std::remove_if(snapshot_.entries.begin(), snapshot_.entries.end(), is_gone),
        snapshot_.entries.end());
}

/// The chunks before the manifest that speaks of them.
bool backup::bring_to_disk() {
    syncing_ = std::async(std::launch::async, [this] { home_.sync(); });
    while (syncing_.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
        if (sign_.halt())
            return false;
    }
    syncing_.get();
    return !sign_.halt();
}

} // namespace qbackup
