#include "codes.hpp"
#include "report.hpp"
#include "text.hpp"

#include <nlohmann/json.hpp>

namespace vss_simulator {
namespace {

using json = nlohmann::ordered_json;

json of_number(std::uint32_t number) { return number == 0 ? json(nullptr) : json(number); }

json scenario_part(const report &of) {
    json part{{"file", of.script->file.empty() ? json(nullptr) : json(of.script->file)},
              {"error", nullptr}};
    if (of.error != nullptr) {
        part["file"] = of.error->file;
        part["error"] = {{"line", of_number(of.error->line)},
                         {"column", of_number(of.error->column)},
                         {"message", of.error->message},
                         {"text", of.error->text()}};
    }
    return part;
}

json calls_part(const report &of) {
    json list = json::array();
    for (const entry &each : of.what_happened->entries) {
        if (each.what != happening::returned)
            continue;
        json call{{"object", of_number(each.object)},
                  {"operation", of_number(each.operation)},
                  {"method", each.method},
                  {"code", code_text(each.code)},
                  {"number", code_digits(each.code)},
                  {"verdict", each.asked ? json(name_of(each.verdict)) : json(nullptr)},
                  {"pending", each.pending},
                  {"thread", each.thread},
                  {"at_ms", each.at_ms},
                  {"took_ms", each.took_ms},
                  {"times", each.times}};
        const std::string method = each.method;
        if (method == "Wait")
            call["limit_ms"] = each.detail == INFINITE ? json("INFINITE") : json(each.detail);
        if (method == "QueryStatus")
            call["status"] = code_text(each.detail);
        list.push_back(std::move(call));
    }
    return list;
}

json operations_part(const report &of) {
    json list = json::array();
    for (const operation_account &each : of.account->operations) {
        json cancels = json::array();
        for (std::uint32_t code : each.cancels)
            cancels.push_back(code_text(code));
        list.push_back({{"number", each.number},
                        {"object", each.object},
                        {"method", each.method},
                        {"end", end_of(each)},
                        {"code", each.ended ? json(code_text(each.end)) : json(nullptr)},
                        {"cancels", std::move(cancels)},
                        {"references", references_of(each)},
                        {"destroyed", each.destroyed},
                        {"began_ms", each.begun_ms},
                        {"ended_ms", each.ended ? json(each.ended_ms) : json(nullptr)}});
    }
    return list;
}

json objects_part(const report &of) {
    json list = json::array();
    for (const object_account &each : of.account->objects)
        list.push_back({{"number", each.number},
                        {"references", !each.released          ? "held"
                                       : each.released_pending ? "released while pending"
                                                               : "released"},
                        {"destroyed", each.destroyed},
                        {"set_started", each.set_started},
                        {"aborts", each.aborts},
                        {"snapshot", snapshot_of(each)},
                        {"orphaned", each.orphaned},
                        {"completed", each.completed}});
    return list;
}

json writers_part(const report &of) {
    json list = json::array();
    for (std::size_t place = 0; place < of.account->writers.size(); ++place) {
        const writer_account &each = of.account->writers[place];
        json notices = json::array();
        for (const telling &told : of.what_happened->tellings)
            if (told.writer == place)
                notices.push_back(
                    {{"object", told.object},
                     {"notice", notice_names[static_cast<std::size_t>(told.notice)]},
                     {"answer", told.answered ? json(code_text(told.answer)) : json(nullptr)},
                     {"at_ms", told.at_ms},
                     {"took_ms", told.took_ms}});
        list.push_back({{"name", of.script->writers[place].name},
                        {"class_id", text_of(of.script->writers[place].class_id)},
                        {"told_abort", each.aborts},
                        {"refused", each.refused},
                        {"silent", each.silent},
                        {"frozen_ms", each.frozen_ms},
                        {"frozen_too_long", each.frozen_too_long},
                        {"notices", std::move(notices)}});
    }
    return list;
}

} // namespace

std::string as_json(const report &of) {
    json provider = json::array();
    for (const provided &each : of.what_happened->provider)
        provider.push_back({{"object", each.object},
                            {"step", each.step},
                            {"code", code_text(each.code)},
                            {"at_ms", each.at_ms}});
    json findings = json::array();
    std::size_t errors = 0;
    for (const finding &each : of.account->findings) {
        const bool error = each.rule->severity == severity::error;
        errors += error ? 1 : 0;
        findings.push_back({{"id", each.rule->id},
                            {"severity", error ? "error" : "warning"},
                            {"object", of_number(each.object)},
                            {"operation", of_number(each.operation)},
                            {"text", each.text},
                            {"rule", each.rule->text},
                            {"document", each.rule->document}});
    }
    const json all{
        {"version", 1},
        {"scenario", scenario_part(of)},
        {"process",
         {{"executable", of.executable},
          {"state", name_of(of.around.process)},
          {"at_ms", of.at_ms}}},
        {"counts", {{"errors", errors}, {"warnings", of.account->findings.size() - errors}}},
        {"findings", std::move(findings)},
        {"objects", objects_part(of)},
        {"operations", operations_part(of)},
        {"writers", writers_part(of)},
        {"provider", std::move(provider)},
        {"lock", {{"left_held", of.around.lock_held}}},
        {"calls", calls_part(of)}};
    // What a scenario calls its writers may be no UTF-8 of anybody's.
    return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace vss_simulator
