// The worker threads: they read files, cut them into chunks and store these.
//
// The main thread opens files and hands out chunks of them through a bounded
// queue; each chunk is one thread's, so a large file keeps all of them busy.
// A thread asks the stop sign before it takes a chunk and, for an abandon,
// within one. Trouble with a source file costs that file; trouble with the
// repository ends the run.
#ifndef QBACKUP_ARCHIVER_HPP
#define QBACKUP_ARCHIVER_HPP

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bounded_queue.hpp"
#include "chunk_store.hpp"
#include "file.hpp"
#include "manifest.hpp"
#include "running.hpp"
#include "stop_sign.hpp"
#include "throttle.hpp"

namespace qbackup {

class archiver {
  public:
    /// `unreadable` and `note` as the walker's; called from any thread.
    archiver(chunk_store &store, counters &progress, stop_sign &sign, throttle &limit,
             unsigned threads, std::function<void(const std::string &)> unreadable,
             std::function<void(const std::string &)> note);
    archiver(const archiver &) = delete;
    archiver &operator=(const archiver &) = delete;
    ~archiver();

    /// Hands out a file, which stays the caller's and must stay in place.
    /// Fills in its chunks; a file that could not be read is marked as lost.
    void add(entry &file);
    /// Waits until all that was handed out is done, or the stop sign is up
    /// and no thread has a chunk in hand. Throws what stopped a thread.
    void join();
    bool lost(const entry &file) const { return lost_.count(&file) != 0; }

  private:
    struct open_file;
    struct task {
        std::shared_ptr<open_file> file;
        std::size_t number;
    };

    void work();
    void take(const task &piece, codec &with, std::string &buffer);
    bool read(const task &piece, std::string &buffer);
    void lose(open_file &file, const std::string &why);
    void finish(open_file &file);

    chunk_store &store_;
    counters &progress_;
    stop_sign &sign_;
    throttle &limit_;
    std::function<void(const std::string &)> unreadable_, note_;
    bounded_queue<task> tasks_;
    std::mutex mutex_;
    std::exception_ptr broken_;
    std::unordered_set<const entry *> lost_;
    std::vector<std::thread> threads_;
};

} // namespace qbackup

#endif
