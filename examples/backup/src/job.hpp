// One job of this process, in the slot that it has in the repository's file.
//
// For jobs that only read the repository, which may be one that this process
// cannot write to, or whose file of jobs is damaged: such a job is listed
// nowhere, and signals still reach it.
#ifndef QBACKUP_JOB_HPP
#define QBACKUP_JOB_HPP

#include <memory>
#include <optional>
#include <string>

#include <quell.hpp>

#include "requests.hpp"
#include "running.hpp"

namespace qbackup {

/// Says what died, where anything did.
void say_what_was_cleared(const running &there);

class job {
  public:
    job(const std::string &running_path, job_kind what);
    job(const job &) = delete;
    job &operator=(const job &) = delete;

    /// Between two steps: whether to begin no other one.
    bool halt() const noexcept { return worker_.poll() != quell::level::none; }
    counters &progress() const noexcept { return page_->progress; }
    /// Ends the operation as what it became: finished, or, where a request came
    /// first, cancelled with these effects, which is said. Returns the exit
    /// code: `done_code` where it finished.
    int end(int done_code, quell::effects left);

  private:
    std::optional<running> there_;
    /// Where the job is listed nowhere.
    quell::operation own_;
    std::unique_ptr<page> own_page_;
    page *page_ = nullptr;
    quell::observer operation_;
    std::optional<listener> signals_;
    quell::worker worker_;
};

} // namespace qbackup

#endif
