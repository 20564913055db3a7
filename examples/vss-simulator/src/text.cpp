#include "text.hpp"

#include <objbase.h>

#include <cwchar>

namespace vss_simulator {

std::wstring wide(const std::string &narrow) {
    const auto length = static_cast<int>(narrow.size());
    std::wstring made(static_cast<std::size_t>(
                          MultiByteToWideChar(CP_UTF8, 0, narrow.data(), length, nullptr, 0)),
                      L'\0');
    MultiByteToWideChar(CP_UTF8, 0, narrow.data(), length, made.data(),
                        static_cast<int>(made.size()));
    return made;
}

std::string narrow(const wchar_t *wide) {
    if (wide == nullptr)
        return {};
    const auto length = static_cast<int>(std::wcslen(wide));
    std::string made(static_cast<std::size_t>(WideCharToMultiByte(
                         CP_UTF8, 0, wide, length, nullptr, 0, nullptr, nullptr)),
                     '\0');
    WideCharToMultiByte(CP_UTF8, 0, wide, length, made.data(), static_cast<int>(made.size()),
                        nullptr, nullptr);
    return made;
}

std::string text_of(const GUID &identifier) {
    wchar_t digits[39];
    const int written = StringFromGUID2(identifier, digits, 39);
    return narrow(written == 0 ? L"" : digits);
}

std::wstring environment(const wchar_t *name) {
    std::wstring value(GetEnvironmentVariableW(name, nullptr, 0), L'\0');
    value.resize(GetEnvironmentVariableW(name, value.data(), static_cast<DWORD>(value.size())));
    return value;
}

std::wstring openable(const std::wstring &path) {
    return path.substr(0, 1) == L"/" ? L"Z:" + path : path;
}

} // namespace vss_simulator
