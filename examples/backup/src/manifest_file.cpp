#include "manifest_file.hpp"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "failure.hpp"
#include "file.hpp"
#include "text.hpp"

namespace qbackup {

namespace {

using nlohmann::json;

constexpr std::string_view before_checksum = R"({"checksum":")";
constexpr std::string_view before_body = R"(","manifest":)";
constexpr std::string_view after_body = "}\n";
constexpr std::size_t checksum_size = 32;
constexpr std::size_t body_begin = before_checksum.size() + checksum_size + before_body.size();

json fields_of(const entry &item) {
    json fields{{"path", to_ascii(item.path)},
                {"kind", kind_name(item.what)},
                {"mode", item.mode},
                {"uid", item.uid},
                {"gid", item.gid},
                {"mtime", {item.seconds, item.nanoseconds}}};
    if (item.what == kind::file) {
        fields["size"] = item.size;
        json &chunks = fields["chunks"] = json::array();
        for (const digest &name : item.chunks)
            chunks.push_back(name.hex());
    } else if (item.what != kind::directory) {
        fields["target"] = to_ascii(item.target);
    }
    return fields;
}

json fields_of(const manifest &what) {
    json sources = json::array();
    for (const std::string &source : what.sources)
        sources.push_back(to_ascii(source));
    return {{"id", what.id},
            {"name", to_ascii(what.name)},
            {"host", to_ascii(what.host)},
            {"sources", sources}};
}

/// Collects small pieces, and keeps the sum of what passed.
class body_writer {
  public:
    explicit body_writer(temporary &to) : to_(to) {}

    void add(std::string_view piece) {
        waiting_.append(piece);
        if (waiting_.size() >= std::size_t{64} << 10)
            flush();
    }
    void flush() {
        sum_.add(waiting_);
        write_all(to_.file(), waiting_.data(), waiting_.size(), to_.path());
        waiting_.clear();
    }
    digest sum() const { return sum_.result(); }

  private:
    temporary &to_;
    std::string waiting_;
    digester sum_;
};

void write_plain(temporary &to, std::string_view text) {
    write_all(to.file(), text.data(), text.size(), to.path());
}

} // namespace

const char *kind_name(kind what) noexcept {
    switch (what) {
    case kind::directory:
        return "directory";
    case kind::file:
        return "file";
    case kind::symlink:
        return "symlink";
    case kind::hard_link:
        return "hard link";
    }
    return "?";
}

bool write_manifest(temporary &to, const manifest &what, const stop_sign &sign) {
    // The checksum's place is filled when it is known.
    write_plain(to, before_checksum);
    write_plain(to, std::string(checksum_size, '0'));
    write_plain(to, before_body);
    body_writer body(to);
    std::string head = fields_of(what).dump();
    head.pop_back();
    body.add(head);
    body.add(",\"entries\":[");
    bool first = true;
    for (const entry &item : what.entries) {
        if (sign.halt())
            return false;
        body.add(first ? "\n" : ",\n");
        body.add(fields_of(item).dump());
        first = false;
    }
    body.add("\n]}");
    body.flush();
    write_plain(to, after_body);
    if (::lseek(to.file().get(), static_cast<off_t>(before_checksum.size()), SEEK_SET) < 0)
        throw_errno("cannot write " + printable(to.path()));
    write_plain(to, body.sum().hex());
    sync_file(to.file(), to.path());
    return true;
}

std::string_view manifest_body(std::string_view text) {
    if (text.size() < body_begin + after_body.size() ||
        text.substr(0, before_checksum.size()) != before_checksum ||
        text.substr(before_checksum.size() + checksum_size, before_body.size()) !=
            before_body ||
        text.substr(text.size() - after_body.size()) != after_body)
        throw_damaged("it is cut off, or no manifest");
    std::string_view body =
        text.substr(body_begin, text.size() - body_begin - after_body.size());
    digest expected = digest::from_hex(text.substr(before_checksum.size(), checksum_size));
    if (!(digest::of(body.data(), body.size()) == expected))
        throw_damaged("its checksum is wrong");
    return body;
}

} // namespace qbackup
