// One library at one work of a given size, beside the floor's, in a process
// of its own: it may not survive. `deep LIBRARY WORK SIZE` prints how far it
// came, and the ratio of its time to the floor's.
#include <chrono>
#include <cstring>

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

} // namespace

int main(int argc, char **argv) {
    BENCH_MUST(argc == 4);
    std::setvbuf(stdout, nullptr, _IOLBF, 0); // a crash must not eat what was said
    std::size_t size = std::strtoul(argv[3], nullptr, 10);
    double floor = timed(found("floor", argv[2]), size, nullptr);
    double subject = timed(found(argv[1], argv[2]), size, "built");
    std::printf("dropped\n%.3f\n", subject / floor);
}
