// What is to be seen while a create runs: on a terminal a bar with rate and
// time left, elsewhere a plain line now and then.
#ifndef QBACKUP_PROGRESS_HPP
#define QBACKUP_PROGRESS_HPP

#include <memory>

#include "running.hpp"

namespace qbackup {

class progress {
  public:
    /// Shows until it is destroyed. Nothing where it is to be quiet.
    progress(const counters &of, bool quiet);
    progress(const progress &) = delete;
    progress &operator=(const progress &) = delete;
    ~progress();

  private:
    struct display;
    std::unique_ptr<display> display_;
};

} // namespace qbackup

#endif
