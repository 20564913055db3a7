#include "chunk_store.hpp"

#include <sys/stat.h>

#include "failure.hpp"
#include "file.hpp"

namespace qbackup {

chunk_store::kept chunk_store::put(const digest &name, std::string_view plain, codec &with,
                                   const stop_sign &sign) {
    if (!claim(name) || stands(name, with))
        return {fate::reused, 0};
    std::optional<std::string_view> packed = with.compress(plain, sign);
    if (!packed)
        return {fate::abandoned, 0};
    std::uint64_t number = next_temporary_.fetch_add(1, std::memory_order_relaxed);
    temporary file(home_.temporary_path("chunk-" + std::to_string(number)));
    write_all(file.file(), packed->data(), packed->size(), file.path());
    if (sign.abandon())
        return {fate::abandoned, 0};
    file.publish(home_.chunk_path(name));
    return {fate::stored, packed->size()};
}

std::optional<std::string_view> chunk_store::get(const repository &home, const digest &name,
                                                 codec &with) {
    std::string path = home.chunk_path(name);
    if (!exists(path))
        return std::nullopt;
    std::string packed = read_whole(path);
    std::optional<std::string_view> plain = with.decompress(packed);
    if (!plain || !(digest::of(plain->data(), plain->size()) == name))
        return std::nullopt;
    return plain;
}

bool chunk_store::claim(const digest &name) {
    std::lock_guard<std::mutex> guard(mutex_);
    return claimed_.insert(name).second;
}

bool chunk_store::stands(const digest &name, codec &with) const {
    if (trusted_.count(name) == 0)
        return get(home_, name, with).has_value();
    struct stat found {};
    return ::lstat(home_.chunk_path(name).c_str(), &found) == 0 && found.st_size > 0;
}

} // namespace qbackup
