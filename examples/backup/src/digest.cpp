#include "digest.hpp"

#include <xxhash.h>

#include <new>

#include "failure.hpp"
#include "hex.hpp"

namespace qbackup {

namespace {

digest canonical(XXH128_hash_t hash) noexcept {
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, hash);
    digest made;
    static_assert(sizeof bytes == sizeof made.bytes);
    std::memcpy(made.bytes.data(), &bytes, sizeof bytes);
    return made;
}

} // namespace

std::string digest::hex() const {
    std::string text;
    text.reserve(2 * bytes.size());
    for (unsigned char byte : bytes)
        append_hex(text, byte);
    return text;
}

digest digest::of(const void *data, std::size_t size) noexcept {
    return canonical(XXH3_128bits(data, size));
}

digest digest::from_hex(std::string_view text) {
    digest made;
    if (text.size() != 2 * made.bytes.size())
        throw_damaged("a hash has the wrong length");
    for (std::size_t at = 0; at < made.bytes.size(); ++at) {
        if (!read_hex(text[2 * at], text[2 * at + 1], made.bytes[at]))
            throw_damaged("a hash has a letter that is none of its own");
    }
    return made;
}

void digester::release::operator()(XXH3_state_s *state) const noexcept {
    XXH3_freeState(state);
}

digester::digester() : state_(XXH3_createState()) {
    if (!state_ || XXH3_128bits_reset(state_.get()) != XXH_OK)
        throw std::bad_alloc();
}

void digester::add(std::string_view piece) noexcept {
    (void)XXH3_128bits_update(state_.get(), piece.data(), piece.size());
}

digest digester::result() const noexcept {
    return canonical(XXH3_128bits_digest(state_.get()));
}

} // namespace qbackup
