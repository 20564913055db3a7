// zstd for one thread: its two contexts and the buffers that they fill, kept
// from chunk to chunk.
#ifndef QBACKUP_CODEC_HPP
#define QBACKUP_CODEC_HPP

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "stop_sign.hpp"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace qbackup {

/// The largest chunk, before it is compressed.
constexpr std::size_t chunk_size = std::size_t{1} << 20;

class codec {
  public:
    codec();

    /// Nothing where it was told to abandon. Valid until the next call.
    std::optional<std::string_view> compress(std::string_view plain, const stop_sign &sign);
    /// Nothing where it is damaged. Valid until the next call.
    std::optional<std::string_view> decompress(std::string_view packed);

  private:
    struct release {
        void operator()(ZSTD_CCtx_s *context) const noexcept;
        void operator()(ZSTD_DCtx_s *context) const noexcept;
    };
    std::unique_ptr<ZSTD_CCtx_s, release> packer_;
    std::unique_ptr<ZSTD_DCtx_s, release> unpacker_;
    std::string packed_;
    std::string plain_;
};

} // namespace qbackup

#endif
