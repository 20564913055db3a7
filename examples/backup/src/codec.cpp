#include "codec.hpp"

#include <zstd.h>

#include <algorithm>
#include <new>

#include "failure.hpp"

namespace qbackup {

namespace {

constexpr int compression_level = 3;
/// How much is compressed between two looks at the operation.
constexpr std::size_t step = std::size_t{128} << 10;

std::size_t checked(std::size_t told) {
    if (ZSTD_isError(told) != 0)
        throw failure(EIO, std::string("zstd: ") + ZSTD_getErrorName(told));
    return told;
}

} // namespace

void codec::release::operator()(ZSTD_CCtx_s *context) const noexcept { ZSTD_freeCCtx(context); }
void codec::release::operator()(ZSTD_DCtx_s *context) const noexcept { ZSTD_freeDCtx(context); }

codec::codec() : packer_(ZSTD_createCCtx()), unpacker_(ZSTD_createDCtx()) {
    if (!packer_ || !unpacker_)
        throw std::bad_alloc();
    checked(ZSTD_CCtx_setParameter(packer_.get(), ZSTD_c_compressionLevel, compression_level));
    packed_.resize(ZSTD_compressBound(chunk_size));
    plain_.resize(chunk_size);
}

std::optional<std::string_view> codec::compress(std::string_view plain, const stop_sign &sign) {
    checked(ZSTD_CCtx_reset(packer_.get(), ZSTD_reset_session_only));
    checked(ZSTD_CCtx_setPledgedSrcSize(packer_.get(), plain.size()));
    // The buffer holds the worst case, so a step never stops for want of room.
    ZSTD_outBuffer out{packed_.data(), packed_.size(), 0};
    ZSTD_inBuffer in{plain.data(), 0, 0};
    std::size_t left = 0;
    do {
        if (sign.abandon())
            return std::nullopt;
        in.size = std::min(plain.size(), in.pos + step);
        bool last = in.size == plain.size();
        left = checked(ZSTD_compressStream2(packer_.get(), &out, &in,
                                            last ? ZSTD_e_end : ZSTD_e_continue));
    } while (in.pos < plain.size() || left != 0);
    return std::string_view(packed_.data(), out.pos);
}

std::optional<std::string_view> codec::decompress(std::string_view packed) {
    std::size_t size = ZSTD_decompressDCtx(unpacker_.get(), plain_.data(), plain_.size(),
                                           packed.data(), packed.size());
    if (ZSTD_isError(size) != 0)
        return std::nullopt;
    return std::string_view(plain_.data(), size);
}

} // namespace qbackup
