#include "scenario_file.hpp"

#include "codes.hpp"
#include "text.hpp"

#include <objbase.h>

#include <set>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

namespace vss_simulator {
namespace {

/// An hour: whoever writes more has the unit wrong.
constexpr std::int64_t longest_ms = 3'600'000;
/// A session has one seat for each; nobody has this many writers.
constexpr std::size_t most_writers = 64;

[[noreturn]] void refuse(const toml::source_region &at, std::string message) {
    throw scenario_error{{}, at.begin.line, at.begin.column, std::move(message)};
}

/// A table of which every key has to be taken.
class section {
  public:
    section(const toml::table &table, std::string name)
        : table_(table), name_(std::move(name)) {}

    const toml::node *take(const char *key) {
        taken_.insert(key);
        return table_.get(key);
    }
    template <class Value>
    const toml::node *take(const char *key, const char *type, Value &into) {
        const toml::node *node = take(key);
        if (node == nullptr)
            return nullptr;
        const auto value = node->value_exact<Value>();
        if (!value)
            refuse(node->source(), called(key) + " is to be " + type);
        into = *value;
        return node;
    }
    bool flag(const char *key, bool otherwise) {
        take(key, "true or false", otherwise);
        return otherwise;
    }
    std::string words(const char *key, std::string otherwise) {
        if (auto *node = take(key, "a string", otherwise); node && otherwise.empty())
            refuse(node->source(), called(key) + " is empty");
        return otherwise;
    }
    std::uint32_t milliseconds(const char *key, std::uint32_t otherwise,
                               std::int64_t least = 0) {
        std::int64_t value = otherwise;
        const auto *node = take(key, "a whole number of milliseconds", value);
        if (node != nullptr && (value < least || value > longest_ms))
            refuse(node->source(), called(key) + " is to be from " + std::to_string(least) +
                                       " to " + std::to_string(longest_ms) + " milliseconds");
        return static_cast<std::uint32_t>(value);
    }
    std::uint32_t number(const char *key, std::uint32_t otherwise) {
        std::int64_t value = otherwise;
        const auto *node = take(key, "a whole number", value);
        if (node != nullptr && (value < 0 || value > UINT32_MAX))
            refuse(node->source(), called(key) + " is to be from 0 to 4294967295");
        return static_cast<std::uint32_t>(value);
    }
    /// A failure's code, by name or by number; zero where there is none.
    std::uint32_t failure(const char *key) {
        const toml::node *node = take(key);
        if (node == nullptr)
            return 0;
        std::optional<std::uint32_t> code;
        if (const auto text = node->value_exact<std::string>())
            code = code_named(*text);
        else if (const auto value = node->value_exact<std::int64_t>();
                 value && *value >= 0 && *value <= UINT32_MAX)
            code = static_cast<std::uint32_t>(*value);
        else
            refuse(node->source(), called(key) + " is to be a code: its name, or its number");
        if (!code)
            refuse(node->source(), called(key) + ": there is no code of this name");
        if (!is_failure(*code))
            refuse(node->source(), called(key) + ": " + code_text(*code) + " is not a failure");
        return *code;
    }
    GUID identifier(const char *key, const GUID &otherwise) {
        std::string text;
        const auto *node = take(key, "a string", text);
        GUID made = otherwise;
        if (node != nullptr && FAILED(IIDFromString(wide(text).c_str(), &made)))
            refuse(node->source(), called(key) + " is to be {xxxxxxxx-xxxx-xxxx-xxxx-…}");
        return made;
    }
    const toml::table *table(const char *key) {
        const toml::node *node = take(key);
        if (node != nullptr && node->as_table() == nullptr)
            refuse(node->source(), called(key) + " is to be a table");
        return node == nullptr ? nullptr : node->as_table();
    }
    /// Says of the first key that nobody took that it is not known.
    void nothing_else() const {
        for (const auto &[key, node] : table_)
            if (taken_.count(std::string(key.str())) == 0)
                refuse(key.source(), called(std::string(key.str())) + " is not known");
    }
    std::string called(const std::string &key) const {
        return name_.empty() ? "'" + key + "'" : "'" + key + "' of " + name_;
    }

  private:
    const toml::table &table_;
    std::string name_;
    std::set<std::string> taken_;
};

void read_reaction(const toml::table &table, const std::string &name, bool may_hang,
                   reaction &into) {
    section said(table, name);
    into.delay_ms = said.milliseconds("delay", 0);
    into.veto = said.failure("veto");
    into.hangs = said.flag("hangs", false);
    if (into.hangs && !may_hang)
        refuse(said.take("hangs")->source(),
               said.called("hangs") + ": nothing would end that but the process");
    if (into.hangs && into.veto != 0)
        refuse(said.take("veto")->source(), said.called("veto") + ": it hangs already");
    said.nothing_else();
}

writer_script read_writer(const toml::node &node) {
    if (node.as_table() == nullptr)
        refuse(node.source(), "'writer' is to be tables: [[writer]]");
    section said(*node.as_table(), "a writer");
    const std::string name = said.words("name", {});
    if (name.empty())
        refuse(node.source(), "a writer without a 'name'");
    writer_script writer = writer_named(name);
    writer.class_id = said.identifier("class_id", writer.class_id);
    writer.instance_id = said.identifier("instance_id", writer.instance_id);
    for (std::size_t notice = 1; notice < notice_names.size(); ++notice)
        if (const auto *table = said.table(notice_names[notice]))
            read_reaction(*table, std::string(notice_names[notice]) + " of '" + name + "'",
                          notice < notice_names.size() - 2, writer.reactions[notice]);
    said.nothing_else();
    return writer;
}

void read_writers(const toml::node &node, scenario &into) {
    const toml::array *list = node.as_array();
    if (list == nullptr)
        refuse(node.source(), "'writer' is to be tables: [[writer]]");
    std::set<std::string> names;
    for (const toml::node &each : *list) {
        into.writers.push_back(read_writer(each));
        if (!names.insert(into.writers.back().name).second)
            refuse(each.source(), "a second writer '" + into.writers.back().name + "'");
    }
    if (into.writers.size() > most_writers)
        refuse(node.source(), "more than " + std::to_string(most_writers) + " writers");
}

provider_step read_step(const toml::table &table, const char *name) {
    section said(table, std::string(name) + " of the provider");
    provider_step step;
    step.delay_ms = said.milliseconds("delay", 0);
    step.fails_with = said.failure("fails_with");
    said.nothing_else();
    return step;
}

void read_provider(const toml::table &table, scenario &into) {
    section said(table, "the provider");
    into.provider_name = said.words("name", into.provider_name);
    if (const auto *step = said.table("ready"))
        into.ready = read_step(*step, "'ready'");
    if (const auto *step = said.table("commit"))
        into.commit = read_step(*step, "'commit'");
    std::string order;
    const auto *node = said.take("race", "a string", order);
    if (node != nullptr) {
        static const std::map<std::string, race> orders{{"cancel_first", race::cancel_first},
                                                        {"commit_first", race::commit_first},
                                                        {"end_first", race::end_first},
                                                        {"seeded", race::seeded}};
        const auto found = orders.find(order);
        if (found == orders.end())
            refuse(node->source(), "'race' of the provider is to be cancel_first, "
                                   "commit_first, end_first or seeded");
        into.cancel_race = found->second;
    }
    into.race_window_ms = said.milliseconds("race_window", into.race_window_ms, 1);
    said.nothing_else();
}

/// `DoSnapshotSet` as a key: `do_snapshot_set`.
std::string key_of(const char *method) {
    std::string key;
    for (const char *each = method; *each != '\0'; ++each) {
        const bool capital = *each >= 'A' && *each <= 'Z';
        if (capital && !key.empty())
            key += '_';
        key += capital ? static_cast<char>(*each - 'A' + 'a') : *each;
    }
    return key;
}

void read_operations(const toml::table &table, scenario &into) {
    section all(table, "'operation'");
    for (std::size_t place = 0; place < operation_names.size(); ++place) {
        const std::string key = key_of(operation_names[place]);
        const auto *one = all.table(key.c_str());
        if (one == nullptr)
            continue;
        section said(*one, key);
        operation_script &script = into.operations[place];
        script.delay_ms = said.milliseconds("delay", 0);
        script.fails_with = said.failure("fails_with");
        script.ignores_cancel = said.flag("ignores_cancel", false);
        said.nothing_else();
    }
    all.nothing_else();
}

scenario read_root(const toml::table &root) {
    section said(root, {});
    scenario made;
    made.seed = said.number("seed", made.seed);
    const toml::node *writers = said.take("writer");
    if (writers != nullptr)
        read_writers(*writers, made);
    else
        made.writers = default_scenario().writers;
    if (const auto *provider = said.table("provider"))
        read_provider(*provider, made);
    if (const auto *limits = said.table("limits")) {
        section limit(*limits, "the limits");
        made.freeze_limit_ms = limit.milliseconds("freeze", made.freeze_limit_ms, 1);
        made.hold_limit_ms = limit.milliseconds("hold", made.hold_limit_ms, 1);
        limit.nothing_else();
    }
    if (const auto *operations = said.table("operation"))
        read_operations(*operations, made);
    if (const auto *other = said.table("other_requester")) {
        section requester(*other, "the other requester");
        made.held_by_other_ms = requester.milliseconds("holds_set_for", 0);
        if (requester.take("holds_set_for") == nullptr)
            refuse(other->source(), "the other requester without 'holds_set_for'");
        requester.nothing_else();
    }
    said.nothing_else();
    return made;
}

std::optional<std::string> content(const std::wstring &path) {
    HANDLE file = CreateFileW(openable(path).c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr,
                              OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE)
        return std::nullopt;
    std::string text;
    char part[4096];
    DWORD got = 0;
    BOOL read = FALSE;
    while ((read = ReadFile(file, part, sizeof part, &got, nullptr)) != FALSE && got != 0)
        text.append(part, got);
    CloseHandle(file);
    return read != FALSE ? std::optional(std::move(text)) : std::nullopt;
}

} // namespace

std::string scenario_error::text() const {
    if (line == 0)
        return file + ": " + message;
    return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

std::variant<scenario, scenario_error> read_scenario(const std::wstring &file) {
    if (file.empty())
        return default_scenario();
    const std::string name = narrow(file.c_str());
    const auto text = content(file);
    if (!text)
        return scenario_error{name, 0, 0, "cannot be read"};
    try {
        scenario made = read_root(toml::parse(*text, name));
        made.file = name;
        return made;
    } catch (const toml::parse_error &error) {
        const auto &at = error.source().begin;
        return scenario_error{name, at.line, at.column, std::string(error.description())};
    } catch (scenario_error &error) {
        error.file = name;
        return std::move(error);
    }
}

} // namespace vss_simulator
