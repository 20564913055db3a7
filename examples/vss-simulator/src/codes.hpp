// Result codes by name, as a scenario writes them and a report prints them.
#ifndef VSS_SIMULATOR_CODES_HPP
#define VSS_SIMULATOR_CODES_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vss_simulator {

/// The code of this name (`VSS_E_…`, `VSS_S_…`, `E_…`, `S_…`), or of these digits after `0x`.
std::optional<std::uint32_t> code_named(std::string_view name);

/// Its name, or `0x` and eight digits.
std::string code_text(std::uint32_t code);

/// `0x` and eight digits.
std::string code_digits(std::uint32_t code);

constexpr bool is_failure(std::uint32_t code) { return (code & 0x80000000U) != 0; }

} // namespace vss_simulator

#endif
