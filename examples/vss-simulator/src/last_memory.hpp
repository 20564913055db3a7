// Memory for the process's last moments. When a process ends, its other threads are
// stopped wherever they are, perhaps inside the allocator, whose state is then not to be
// relied on: from `begin` on, `new` takes from a reserve of its own, and `delete` does
// nothing.
#ifndef VSS_SIMULATOR_LAST_MEMORY_HPP
#define VSS_SIMULATOR_LAST_MEMORY_HPP

namespace vss_simulator::last_memory {

/// No other thread may be alive.
void begin() noexcept;

} // namespace vss_simulator::last_memory

#endif
