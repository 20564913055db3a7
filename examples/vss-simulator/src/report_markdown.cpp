#include "codes.hpp"
#include "report.hpp"

namespace vss_simulator {
namespace {

/// A cell of a table: no line ends, no bar.
std::string cell(const std::string &text) {
    std::string made;
    for (char each : text) {
        if (each == '|')
            made += '\\';
        made += each == '\n' || each == '\r' ? ' ' : each;
    }
    return made;
}

std::string row(std::initializer_list<std::string> cells) {
    std::string made = "|";
    for (const std::string &each : cells)
        made += " " + cell(each) + " |";
    return made + "\n";
}

std::string heading(const char *title, std::initializer_list<std::string> columns) {
    std::string made = std::string("\n## ") + title + "\n\n" + row(columns) + "|";
    for (std::size_t column = 0; column < columns.size(); ++column)
        made += "---|";
    return made + "\n";
}

std::string ms(std::uint32_t number) { return std::to_string(number) + " ms"; }

std::string of_whom(std::uint32_t object, std::uint32_t operation) {
    if (object == 0)
        return "";
    std::string name = "backup " + std::to_string(object);
    if (operation != 0)
        name += ", operation " + std::to_string(operation);
    return name;
}

std::string findings_part(const report &of) {
    if (of.account->findings.empty())
        return "\nNo findings.\n";
    std::string made = heading("Findings", {"finding", "", "of", "what", "rule", "document"});
    for (const finding &each : of.account->findings)
        made +=
            row({each.rule->id, each.rule->severity == severity::error ? "error" : "warning",
                 of_whom(each.object, each.operation), each.text, each.rule->text,
                 each.rule->document});
    return made;
}

std::string operations_part(const report &of) {
    std::string made = heading(
        "Operations", {"", "backup", "method", "end", "code", "Cancel returned", "references"});
    for (const operation_account &each : of.account->operations) {
        std::string cancels;
        for (std::uint32_t code : each.cancels)
            cancels += (cancels.empty() ? "" : ", ") + code_text(code);
        made += row({std::to_string(each.number), std::to_string(each.object), each.method,
                     end_of(each), each.ended ? code_text(each.end) : "", cancels,
                     references_of(each)});
    }
    return made;
}

std::string backups_part(const report &of) {
    std::string made =
        heading("Backups", {"", "references", "AbortBackup", "snapshot", "BackupComplete"});
    for (const object_account &each : of.account->objects)
        made += row(
            {std::to_string(each.number),
             each.released ? (each.released_pending ? "released while pending" : "released")
                           : "held",
             std::to_string(each.aborts), snapshot_of(each), each.completed ? "called" : ""});
    return made;
}

std::string writers_part(const report &of) {
    std::string made =
        heading("Writers", {"writer", "told", "aborts", "refused", "frozen", ""});
    for (std::size_t place = 0; place < of.account->writers.size(); ++place) {
        const writer_account &each = of.account->writers[place];
        made +=
            row({of.script->writers[place].name, std::to_string(each.told),
                 std::to_string(each.aborts), std::to_string(each.refused), ms(each.frozen_ms),
                 std::string(each.frozen_too_long ? "frozen too long" : "") +
                     (each.silent ? " has not answered" : "")});
    }
    return made;
}

std::string calls_part(const report &of) {
    std::string made =
        heading("Calls", {"at", "of", "method", "returned", "quell said", "took", "times"});
    for (const entry &each : of.what_happened->entries) {
        if (each.what != happening::returned)
            continue;
        std::string method = each.method;
        std::string code = code_text(each.code);
        if (method == "Wait")
            method += each.detail == INFINITE ? "(INFINITE)"
                                              : "(" + std::to_string(each.detail) + ")";
        else if (method == "QueryStatus")
            code += ": " + code_text(each.detail);
        made += row({ms(each.at_ms), of_whom(each.object, each.operation), method, code,
                     each.asked ? name_of(each.verdict) : "", ms(each.took_ms),
                     std::to_string(each.times)});
    }
    return made;
}

} // namespace

std::string as_markdown(const report &of) {
    std::string made = "# VSS report of " + of.executable + "\n\n";
    made += "Scenario: " + (of.script->file.empty() ? "the default" : of.script->file) + ". ";
    if (of.around.process == process_state::running)
        made += "The process was still running: this is also what is left of one that was "
                "killed.\n";
    else if (of.around.process == process_state::exited)
        made += "The process has ended.\n";
    else
        made += "Every object was released.\n";
    if (of.error != nullptr)
        return made + "\nThe scenario has an error, and nothing was simulated:\n\n    " +
               of.error->text() + "\n";
    if (of.around.lock_held && of.around.process != process_state::running)
        made += "\nThe lock of all requesters was left held.\n";
    return made + findings_part(of) + backups_part(of) + operations_part(of) +
           writers_part(of) + calls_part(of);
}

} // namespace vss_simulator
