// Every library that is measured, work by work.
#ifndef BENCH_LIBRARIES_HPP
#define BENCH_LIBRARIES_HPP

#include "work.h"

namespace bench {

template <class Each> void each_work(Each each) {
    for (const bench_library_t *library :
         {bench_floor(), bench_floor_wake(), bench_std(), bench_glib(), bench_asio(),
          bench_tokio(), bench_quell_core(), bench_quell_polls(), bench_quell_hooks(),
          bench_quell_scopes(), bench_quell_wait()})
        for (std::size_t i = 0; i < library->count; ++i)
            each(*library, library->works[i]);
}

} // namespace bench

#endif
