#include "scenario.hpp"

#include "text.hpp"

#include <cstring>

namespace vss_simulator {
namespace {

/// The same name has the same identifier in every run (FNV-1a).
GUID identifier_of(const std::string &text) {
    std::uint64_t halves[2] = {0xCBF29CE484222325U, 0x84222325CBF29CE4U};
    for (auto &half : halves)
        for (unsigned char byte : text)
            half = (half ^ byte) * 0x100000001B3U;
    GUID made;
    static_assert(sizeof made == sizeof halves);
    std::memcpy(&made, halves, sizeof made);
    return made;
}

} // namespace

const operation_script &scenario::operation(const char *method) const noexcept {
    static const operation_script smooth;
    for (std::size_t place = 0; place < operation_names.size(); ++place)
        if (std::strcmp(operation_names[place], method) == 0)
            return operations[place];
    return smooth;
}

writer_script writer_named(const std::string &name) {
    writer_script writer;
    writer.name = name;
    writer.wide_name = wide(name);
    writer.class_id = identifier_of("class of " + name);
    writer.instance_id = identifier_of("instance of " + name);
    return writer;
}

scenario default_scenario() {
    scenario made;
    made.writers.push_back(writer_named("Healthy Writer"));
    return made;
}

} // namespace vss_simulator
