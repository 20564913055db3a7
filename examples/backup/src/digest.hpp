// What a piece of data is called: its XXH3-128 hash. It tells damage and
// finds what is stored already; it is no defence against someone who makes
// two pieces of one hash on purpose.
#ifndef QBACKUP_DIGEST_HPP
#define QBACKUP_DIGEST_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace qbackup {

struct digest {
    std::array<unsigned char, 16> bytes{};

    bool operator==(const digest &other) const noexcept { return bytes == other.bytes; }
    std::string hex() const;
    static digest of(const void *data, std::size_t size) noexcept;
    /// Throws where the text is no digest.
    static digest from_hex(std::string_view text);
};

struct digest_hash {
    std::size_t operator()(const digest &key) const noexcept {
        std::size_t value = 0;
        std::memcpy(&value, key.bytes.data(), sizeof value);
        return value;
    }
};

/// The digest of what comes piece by piece.
class digester {
  public:
    digester();
    void add(std::string_view piece) noexcept;
    digest result() const noexcept;

  private:
    struct release {
        void operator()(XXH3_state_s *state) const noexcept;
    };
    std::unique_ptr<XXH3_state_s, release> state_;
};

} // namespace qbackup

#endif
