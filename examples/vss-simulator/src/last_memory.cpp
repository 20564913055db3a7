#include "last_memory.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace vss_simulator::last_memory {
namespace {

constexpr std::size_t reserve_size = std::size_t{16} << 20;
alignas(std::max_align_t) unsigned char reserve[reserve_size];
std::size_t used = 0;
bool last = false;

void *take(std::size_t size) noexcept {
    constexpr std::size_t step = alignof(std::max_align_t);
    if (size > reserve_size - used)
        return nullptr;
    void *taken = reserve + used;
    used += (size + step - 1) / step * step;
    if (used > reserve_size)
        used = reserve_size;
    return taken;
}

} // namespace

void begin() noexcept { last = true; }

} // namespace vss_simulator::last_memory

namespace memory = vss_simulator::last_memory;

void *operator new(std::size_t size) {
    void *taken = memory::last ? memory::take(size) : std::malloc(size == 0 ? 1 : size);
    if (taken == nullptr)
        throw std::bad_alloc();
    return taken;
}
void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
    return memory::last ? memory::take(size) : std::malloc(size == 0 ? 1 : size);
}
void operator delete(void *taken) noexcept {
    if (!memory::last)
        std::free(taken);
}
void operator delete(void *taken, std::size_t) noexcept { operator delete(taken); }
