// The times of every library at every work, in one process, in random order,
// many rounds of each. Only ratios to the floor are made of them, by the
// report. Named WORK:LIBRARY.
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "libraries.hpp"
#include "processors.hpp"
#include "state.hpp"

namespace {

/// How much of a work one clock reading covers, how many readings make a round
/// (their median is kept: a batch of microseconds is rarely interrupted, a
/// round of them often is), and how many rounds there are.
struct extent {
    std::string_view work;
    std::size_t size;
    std::size_t batches;
    int rounds;
    const char *named = nullptr; ///< other than the work
    int processors = 0;          ///< that its threads are kept to, or 0: all
};
constexpr extent extents[] = {
    {"create", 256, 15, 100},
    {"callback", 256, 15, 100},
    {"cancel", 256, 15, 100},
    {"cancel_many", 1024, 5, 100},
    {"child", 256, 15, 100},
    {"tree", 1'000'000, 1, 7},
    {"chain", 1000, 5, 100},
    {"poll", 16384, 15, 100},
    {"poll_shared", 16384, 5, 40},
    {"wake", 200, 3, 60, "wake_one", 1},
    {"wake", 200, 3, 60, "wake_two", 2},
};

void round(benchmark::State &state, const bench_work_t &work, const extent &extent) {
    bench::processors processors;
    for (auto _ : state) {
        std::vector<double> times(extent.batches);
        for (double &time : times) {
            if (extent.processors)
                processors.keep_to(extent.processors - 1);
            void *prepared = work.prepare(extent.size);
            if (extent.processors)
                processors.keep_to(0);
            auto begin = std::chrono::steady_clock::now();
            work.act(prepared, extent.size);
            auto end = std::chrono::steady_clock::now();
            work.tidy(prepared, extent.size);
            time = std::chrono::duration<double>(end - begin).count();
        }
        auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
        std::nth_element(times.begin(), middle, times.end());
        state.SetIterationTime(*middle);
    }
}

} // namespace

int main(int argc, char **argv) {
    bench::company company;
    benchmark::Initialize(&argc, argv);
    int available = bench::processors().count();
    bench::each_work([=](const bench_library_t &library, const bench_work_t &work) {
        bool known = false;
        for (const extent &extent : extents) {
            if (extent.work != work.work)
                continue;
            known = true;
            if (extent.processors > available)
                continue;
            const char *named = extent.named ? extent.named : work.work;
            std::string name = std::string(named) + ':' + library.name;
            benchmark::RegisterBenchmark(name.c_str(), round, work, extent)
                ->UseManualTime()
                ->Iterations(1)
                ->Repetitions(extent.rounds);
        }
        BENCH_MUST(known);
    });
    benchmark::RunSpecifiedBenchmarks();
}
