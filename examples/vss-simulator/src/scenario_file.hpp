// A scenario read from a TOML file. README.md lists its keys. Strict: a key that is not
// known, a value of another type or out of range, is an error at its place in the file.
#ifndef VSS_SIMULATOR_SCENARIO_FILE_HPP
#define VSS_SIMULATOR_SCENARIO_FILE_HPP

#include "scenario.hpp"

#include <variant>

namespace vss_simulator {

struct scenario_error {
    std::string file;
    /// From 1; zero where the file could not be read.
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string message;

    /// `file:line:column: message`.
    std::string text() const;
};

/// The scenario in the file of this name; empty: the default one.
std::variant<scenario, scenario_error> read_scenario(const std::wstring &file);

} // namespace vss_simulator

#endif
