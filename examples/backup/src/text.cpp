#include "text.hpp"

#include <array>
#include <cstdio>

#include "failure.hpp"
#include "hex.hpp"

namespace qbackup {

std::string printable(std::string_view name) {
    std::string shown;
    for (char letter : name) {
        auto byte = static_cast<unsigned char>(letter);
        if (byte < 0x20 || byte == 0x7f)
            append_hex(shown += "\\x", byte);
        else
            shown.push_back(letter);
    }
    return shown;
}

std::string to_ascii(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (char letter : bytes) {
        auto byte = static_cast<unsigned char>(letter);
        if (byte < 0x20 || byte >= 0x7f || letter == '%' || letter == '"' || letter == '\\')
            append_hex(text += '%', byte);
        else
            text.push_back(letter);
    }
    return text;
}

std::string from_ascii(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            bytes.push_back(text[at]);
            continue;
        }
        unsigned char byte = 0;
        if (text.size() - at < 3 || !read_hex(text[at + 1], text[at + 2], byte))
            throw_damaged("a name is not written as it should be");
        bytes.push_back(static_cast<char>(byte));
        at += 2;
    }
    return bytes;
}

std::string human_size(std::uint64_t bytes) {
    constexpr std::array<const char *, 6> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    auto amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (amount >= 1024 && unit + 1 < units.size()) {
        amount /= 1024;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", amount,
                  units[unit]);
    return text.data();
}

} // namespace qbackup
