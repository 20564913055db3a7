// Bytes as text: names for a terminal, names for JSON, sizes for people.
#ifndef QBACKUP_TEXT_HPP
#define QBACKUP_TEXT_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace qbackup {

/// A name as it may be shown: control bytes, which could play tricks on a
/// terminal, as \xNN.
std::string printable(std::string_view name);

/// Any bytes as ASCII without control characters, quotes or backslashes, and
/// back. A name on disk need not be UTF-8; JSON text has to be.
std::string to_ascii(std::string_view bytes);
/// Throws where the text is none of to_ascii's.
std::string from_ascii(std::string_view text);

/// As "12.3 MiB".
std::string human_size(std::uint64_t bytes);

} // namespace qbackup

#endif
