// Where two threads that wait for each other run. On one processor a turn
// costs what the calls and the switches cost; on two it also costs what it
// takes to rouse a processor.
#ifndef BENCH_PROCESSORS_HPP
#define BENCH_PROCESSORS_HPP

#include <sched.h>

#include "state.hpp"

namespace bench {

/// The processors that this thread may run on, put back in the end. Threads
/// that it starts may run where it may.
class processors {
  public:
    processors() { BENCH_MUST(sched_getaffinity(0, sizeof before_, &before_) == 0); }
    ~processors() { sched_setaffinity(0, sizeof before_, &before_); }
    processors(const processors &) = delete;
    processors &operator=(const processors &) = delete;

    int count() const { return CPU_COUNT(&before_); }

    /// Onto the nth of them and no other.
    void keep_to(int nth) {
        for (int processor = 0; processor < CPU_SETSIZE; ++processor)
            if (CPU_ISSET(processor, &before_) && nth-- == 0) {
                cpu_set_t one;
                CPU_ZERO(&one);
                CPU_SET(processor, &one);
                BENCH_MUST(sched_setaffinity(0, sizeof one, &one) == 0);
            }
    }

  private:
    cpu_set_t before_;
};

} // namespace bench

#endif
