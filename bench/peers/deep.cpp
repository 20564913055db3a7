// One library at one work of a given size, beside the floor's, in a process
// of its own: it may not survive. `deep LIBRARY WORK SIZE` prints how far it
// came, and the ratio of its time to the floor's; `deep` alone prints what
// there is.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <iterator>
#include <string_view>

#include "libraries.hpp"
#include "state.hpp"

namespace {

double timed(const bench_work_t &work, std::size_t size, const char *stage) {
    void *prepared = work.prepare(size);
    if (stage)
        std::puts(stage);
    auto begin = std::chrono::steady_clock::now();
    work.act(prepared, size);
    auto end = std::chrono::steady_clock::now();
    if (stage)
        std::puts("cancelled");
    work.tidy(prepared, size);
    return std::chrono::duration<double>(end - begin).count();
}

bench_work_t found(const char *library, const char *name) {
    bench_work_t result{};
    bench::each_work([&](const bench_library_t &from, const bench_work_t &work) {
        if (!std::strcmp(from.name, library) && !std::strcmp(work.work, name))
            result = work;
    });
    BENCH_MUST(result.work);
    return result;
}

/// The main thread's stack grows up to the limit of the moment.
void limit(decltype(RLIMIT_STACK) what, rlim_t bytes) {
    rlimit limits{};
    BENCH_MUST(getrlimit(what, &limits) == 0);
    limits.rlim_cur = bytes;
    BENCH_MUST(setrlimit(what, &limits) == 0);
}

} // namespace

int main(int argc, char **argv) {
    if (argc == 1) {
        bench::each_work([](const bench_library_t &library, const bench_work_t &work) {
            std::string_view kind = work.work, name = library.name;
            if (name != "floor" && (kind == "tree" || kind == "chain"))
                std::printf("%s %s\n", library.name, work.work);
        });
        return 0;
    }
    BENCH_MUST(argc == 4);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_STACK, 8 << 20);
    bench::company company;
    std::setvbuf(stdout, nullptr, _IOLBF, 0); // a crash must not eat what was said
    std::size_t size = std::strtoul(argv[3], nullptr, 10);
    bench_work_t floor = found("floor", argv[2]), subject = found(argv[1], argv[2]);
    double ratios[3];
    for (double &ratio : ratios) {
        double least = timed(floor, size, nullptr);
        ratio = timed(subject, size, "built") / least;
        std::puts("dropped");
    }
    std::sort(std::begin(ratios), std::end(ratios));
    std::printf("%.3f\n", ratios[1]);
}
