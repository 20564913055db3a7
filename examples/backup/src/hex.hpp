// Two digits for a byte.
#ifndef QBACKUP_HEX_HPP
#define QBACKUP_HEX_HPP

#include <cstdint>
#include <string>

namespace qbackup {

inline void append_hex(std::string &to, unsigned char byte) {
    constexpr char digits[] = "0123456789abcdef";
    to.push_back(digits[byte >> 4]);
    to.push_back(digits[byte & 15]);
}

/// Whether both are digits, of the small letters; `byte` is then their value.
inline bool read_hex(char high, char low, unsigned char &byte) {
    unsigned value = 0;
    for (char digit : {high, low}) {
        value <<= 4;
        if (digit >= '0' && digit <= '9')
            value |= static_cast<unsigned>(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            value |= static_cast<unsigned>(digit - 'a') + 10;
        else
            return false;
    }
    byte = static_cast<unsigned char>(value);
    return true;
}

} // namespace qbackup

#endif
