// The inlined polls of C++, their floor, and the standard library's own.
#include <atomic>
#if __cplusplus >= 202002L
#include <stop_token>
#endif

#include <quell.hpp>

#include "loops.h"

extern "C" {

BENCH_LOOP(loop_cpp_flag, std::atomic<std::uint32_t>,
           polled->load(std::memory_order_relaxed) == 0u)
BENCH_LOOP(loop_cpp_op, quell::operation, polled->poll() == quell::level::none)
BENCH_LOOP(loop_cpp_worker, quell::worker, polled->poll() == quell::level::none)
#if __cplusplus >= 202002L
BENCH_LOOP(loop_std, std::stop_token, !polled->stop_requested())
#endif
}
