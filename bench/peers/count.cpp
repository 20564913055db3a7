// What does not depend on the clock, of every library at every work, at two
// sizes, whose difference is what one more costs. Run by run.sh three times:
// under callgrind, which writes one dump for each work; under strace, which
// sees the marks; and with the allocations counted (allocations.c), which are
// printed, as JSON. Named WORK:LIBRARY:few and WORK:LIBRARY:many.
#include <dlfcn.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>

#include <valgrind/callgrind.h>

#include "libraries.hpp"
#include "processors.hpp"
#include "state.hpp"

namespace {

struct allocated {
    unsigned long calls, bytes;
};
using allocations = allocated (*)();

/// A call that does nothing but show in strace's output.
void mark(const std::string &what) { BENCH_MUST(write(-1, what.c_str(), what.size()) == -1); }

/// Everything executed outside of functions called `harness_…` is the work's.
/// The first round binds symbols and warms caches of memory; it is not counted.
[[gnu::noinline]] void harness_row(const std::string &name, const bench_work_t &work,
                                   std::size_t size, allocations so_far) {
    void *prepared = work.prepare(size);
    work.act(prepared, size);
    work.tidy(prepared, size);

    prepared = work.prepare(size);
    mark("begin " + name);
    allocated before = so_far ? so_far() : allocated{};
    CALLGRIND_ZERO_STATS;
    work.act(prepared, size);
    CALLGRIND_DUMP_STATS_AT(name.c_str());
    allocated after = so_far ? so_far() : allocated{};
    mark("end " + name);
    work.tidy(prepared, size);

    std::printf("{\"name\": \"%s\", \"size\": %zu, \"held\": %zu", name.c_str(), size,
                work.bytes);
    if (so_far)
        std::printf(", \"calls\": %lu, \"bytes\": %lu", after.calls - before.calls,
                    after.bytes - before.bytes);
    std::puts("}");
}

} // namespace

int main() {
    bench::company company;
    auto so_far = reinterpret_cast<allocations>(dlsym(RTLD_DEFAULT, "bench_allocations"));
    bench::each_work([=](const bench_library_t &library, const bench_work_t &work) {
        std::string name = std::string(work.work) + ':' + library.name;
        std::string_view kind = work.work;
        // Two threads: what valgrind counts is its own scheduling.
        if (RUNNING_ON_VALGRIND && (kind == "wake" || kind == "poll_shared"))
            return;
        // Each turn of a wait through a descriptor takes two of 1024.
        bench::processors processors;
        if (kind == "wake")
            processors.keep_to(0);
        std::size_t few = kind == "wake" ? 100 : 1000;
        harness_row(name + ":few", work, few, so_far);
        harness_row(name + ":many", work, 2 * few, so_far);
    });
}
