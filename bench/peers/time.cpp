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
};
constexpr extent extents[] = {
    {"create", 256, 15, 100},      {"callback", 256, 15, 100}, {"cancel", 256, 15, 100},
    {"cancel_many", 1024, 5, 100}, {"child", 256, 15, 100},    {"tree", 1'000'000, 1, 7},
    {"chain", 1000, 5, 100},       {"poll", 16384, 15, 100},   {"poll_shared", 16384, 5, 40},
    {"wake", 200, 3, 40},
};

void round(benchmark::State &state, const bench_work_t &work, const extent &extent) {
    for (auto _ : state) {
        std::vector<double> times(extent.batches);
        for (double &time : times) {
            void *prepared = work.prepare(extent.size);
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
    benchmark::Initialize(&argc, argv);
    bench::each_work([](const bench_library_t &library, const bench_work_t &work) {
        auto extent = std::find_if(std::begin(extents), std::end(extents),
                                   [&](auto &each) { return each.work == work.work; });
        BENCH_MUST(extent != std::end(extents));
        std::string name = std::string(work.work) + ':' + library.name;
        benchmark::RegisterBenchmark(name.c_str(), round, work, *extent)
            ->UseManualTime()
            ->Iterations(1)
            ->Repetitions(extent->rounds);
    });
    benchmark::RunSpecifiedBenchmarks();
}
