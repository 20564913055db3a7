#include "references.hpp"

#include <nlohmann/json.hpp>

#include "failure.hpp"
#include "file.hpp"
#include "manifest_file.hpp"

namespace qbackup {

namespace {

using nlohmann::json;

/// Takes the texts of every list called "chunks", and asks the stop sign
/// all the way.
class collector final : public nlohmann::json_sax<json> {
  public:
    collector(digest_set &into, const stop_sign &sign) : into_(into), sign_(sign) {}

    bool key(string_t &name) override {
        is_chunks_ = name == "chunks";
        return !sign_.halt();
    }
    bool start_array(std::size_t) override {
        inside_ = is_chunks_;
        return true;
    }
    bool end_array() override {
        inside_ = is_chunks_ = false;
        return true;
    }
    bool string(string_t &text) override {
        if (inside_)
            into_.insert(digest::from_hex(text));
        return true;
    }
    bool parse_error(std::size_t, const std::string &,
                     const nlohmann::detail::exception &why) override {
        throw_damaged(why.what());
    }
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t &) override { return true; }
    bool binary(binary_t &) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool end_object() override { return true; }

  private:
    digest_set &into_;
    const stop_sign &sign_;
    bool is_chunks_ = false, inside_ = false;
};

} // namespace

references find_references(const repository &home, const stop_sign &sign) {
    references found;
    for (const std::string &id : home.snapshots()) {
        if (sign.halt())
            break;
        try {
            std::string text = read_whole(home.manifest_path(id));
            collector chunks(found.chunks, sign);
            json::sax_parse(manifest_body(text), &chunks);
        } catch (const failure &damage) {
            found.damaged.push_back("the manifest of " + id + " is damaged: " + damage.what());
        }
    }
    return found;
}

} // namespace qbackup
