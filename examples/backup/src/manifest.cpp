#include "manifest.hpp"

#include <nlohmann/json.hpp>

#include "failure.hpp"
#include "file.hpp"
#include "manifest_file.hpp"
#include "text.hpp"

namespace qbackup {

namespace {

using nlohmann::json;

kind kind_of(const std::string &name) {
    for (kind known : {kind::directory, kind::file, kind::symlink, kind::hard_link}) {
        if (name == kind_name(known))
            return known;
    }
    throw_damaged("an entry is of an unknown kind");
}

/// Whether a path stays below where it is put: no empty part, no dots.
bool stays_inside(const std::string &path) {
    std::size_t begin = 0;
    for (;;) {
        std::size_t end = path.find('/', begin);
        std::string part = path.substr(begin, end - begin);
        if (part.empty() || part == "." || part == "..")
            return false;
        if (end == std::string::npos)
            return true;
        begin = end + 1;
    }
}

std::string inside_path(const json &text) {
    std::string path = from_ascii(text.get_ref<const std::string &>());
    // The root directory itself is the empty path.
    if (!path.empty() && !stays_inside(path))
        throw_damaged("an entry's path leads astray: " + printable(path));
    return path;
}

entry entry_from(const json &fields) {
    entry made;
    made.path = inside_path(fields.at("path"));
    made.what = kind_of(fields.at("kind").get<std::string>());
    made.mode = fields.at("mode").get<std::uint32_t>();
    made.uid = fields.at("uid").get<std::uint32_t>();
    made.gid = fields.at("gid").get<std::uint32_t>();
    made.seconds = fields.at("mtime").at(0).get<std::int64_t>();
    made.nanoseconds = fields.at("mtime").at(1).get<std::int64_t>();
    if (made.what == kind::file) {
        made.size = fields.at("size").get<std::uint64_t>();
        for (const json &name : fields.at("chunks"))
            made.chunks.push_back(digest::from_hex(name.get_ref<const std::string &>()));
    } else if (made.what == kind::symlink) {
        made.target = from_ascii(fields.at("target").get_ref<const std::string &>());
    } else if (made.what == kind::hard_link) {
        made.target = inside_path(fields.at("target"));
    }
    return made;
}

manifest manifest_from(const json &fields) {
    manifest made;
    made.id = fields.at("id").get<std::string>();
    made.name = from_ascii(fields.at("name").get_ref<const std::string &>());
    made.host = from_ascii(fields.at("host").get_ref<const std::string &>());
    for (const json &source : fields.at("sources"))
        made.sources.push_back(from_ascii(source.get_ref<const std::string &>()));
    for (const json &item : fields.at("entries"))
        made.entries.push_back(entry_from(item));
    return made;
}

} // namespace

std::uint64_t manifest::files() const noexcept {
    std::uint64_t count = 0;
    for (const entry &item : entries)
        count += item.what == kind::file || item.what == kind::hard_link ? 1 : 0;
    return count;
}

std::uint64_t manifest::bytes() const noexcept {
    std::uint64_t sum = 0;
    for (const entry &item : entries)
        sum += item.size;
    return sum;
}

manifest load_manifest(const repository &home, const std::string &id) {
    try {
        std::string text = read_whole(home.manifest_path(id));
        manifest made = manifest_from(json::parse(manifest_body(text)));
        if (made.id != id)
            throw_damaged("it is of the snapshot " + printable(made.id));
        return made;
    } catch (const json::exception &unreadable) {
        throw_damaged("the manifest of " + id + " is damaged: " + unreadable.what());
    } catch (const failure &unreadable) {
        throw failure(unreadable.code(),
                      "the manifest of " + id + " is damaged: " + unreadable.what());
    }
}

} // namespace qbackup
