#include "codes.hpp"

#include <windows.h>

#include <vsserror.h>

#include <charconv>

namespace vss_simulator {
namespace {

struct named {
    const char *name;
    HRESULT code;
};

#define NAMED(code)                                                                            \
    { #code, code }
constexpr named codes[] = {
    NAMED(S_OK),
    NAMED(S_FALSE),
    NAMED(E_ABORT),
    NAMED(E_ACCESSDENIED),
    NAMED(E_FAIL),
    NAMED(E_INVALIDARG),
    NAMED(E_NOINTERFACE),
    NAMED(E_NOTIMPL),
    NAMED(E_OUTOFMEMORY),
    NAMED(E_POINTER),
    NAMED(E_UNEXPECTED),
    NAMED(VSS_S_ASYNC_PENDING),
    NAMED(VSS_S_ASYNC_FINISHED),
    NAMED(VSS_S_ASYNC_CANCELLED),
    NAMED(VSS_E_BAD_STATE),
    NAMED(VSS_E_UNEXPECTED),
    NAMED(VSS_E_PROVIDER_ALREADY_REGISTERED),
    NAMED(VSS_E_PROVIDER_NOT_REGISTERED),
    NAMED(VSS_E_PROVIDER_VETO),
    NAMED(VSS_E_PROVIDER_IN_USE),
    NAMED(VSS_E_OBJECT_NOT_FOUND),
    NAMED(VSS_E_OBJECT_ALREADY_EXISTS),
    NAMED(VSS_E_VOLUME_NOT_SUPPORTED),
    NAMED(VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER),
    NAMED(VSS_E_UNEXPECTED_PROVIDER_ERROR),
    NAMED(VSS_E_CORRUPT_XML_DOCUMENT),
    NAMED(VSS_E_INVALID_XML_DOCUMENT),
    NAMED(VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED),
    NAMED(VSS_E_FLUSH_WRITES_TIMEOUT),
    NAMED(VSS_E_HOLD_WRITES_TIMEOUT),
    NAMED(VSS_E_UNEXPECTED_WRITER_ERROR),
    NAMED(VSS_E_SNAPSHOT_SET_IN_PROGRESS),
    NAMED(VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED),
    NAMED(VSS_E_WRITER_INFRASTRUCTURE),
    NAMED(VSS_E_WRITER_NOT_RESPONDING),
    NAMED(VSS_E_UNSUPPORTED_CONTEXT),
    NAMED(VSS_E_VOLUME_IN_USE),
    NAMED(VSS_E_MAXIMUM_DIFFAREA_ASSOCIATIONS_REACHED),
    NAMED(VSS_E_INSUFFICIENT_STORAGE),
    NAMED(VSS_E_NO_SNAPSHOTS_IMPORTED),
    NAMED(VSS_E_REVERT_IN_PROGRESS),
    NAMED(VSS_E_TRANSACTION_FREEZE_TIMEOUT),
    NAMED(VSS_E_TRANSACTION_THAW_TIMEOUT),
    NAMED(VSS_E_NOT_SUPPORTED),
    NAMED(VSS_E_WRITER_STATUS_NOT_AVAILABLE),
    NAMED(VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT),
    NAMED(VSS_E_WRITERERROR_OUTOFRESOURCES),
    NAMED(VSS_E_WRITERERROR_TIMEOUT),
    NAMED(VSS_E_WRITERERROR_RETRYABLE),
    NAMED(VSS_E_WRITERERROR_NONRETRYABLE),
    NAMED(VSS_E_WRITERERROR_RECOVERY_FAILED),
    NAMED(VSS_E_WRITERERROR_PARTIAL_FAILURE),
};
#undef NAMED

} // namespace

std::optional<std::uint32_t> code_named(std::string_view name) {
    for (const auto &each : codes)
        if (name == each.name)
            return static_cast<std::uint32_t>(each.code);
    if (name.substr(0, 2) != "0x")
        return std::nullopt;
    std::uint32_t code = 0;
    const char *end = name.data() + name.size();
    auto [stopped, error] = std::from_chars(name.data() + 2, end, code, 16);
    if (error != std::errc{} || stopped != end)
        return std::nullopt;
    return code;
}

std::string code_text(std::uint32_t code) {
    for (const auto &each : codes)
        if (code == static_cast<std::uint32_t>(each.code))
            return each.name;
    return code_digits(code);
}

std::string code_digits(std::uint32_t code) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string text = "0x";
    for (int shift = 28; shift >= 0; shift -= 4)
        text += digits[code >> shift & 0xF];
    return text;
}

} // namespace vss_simulator
