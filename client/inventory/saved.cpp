// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/saved.hpp"

#include "base/file.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace pointman::client::inventory {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::int64_t format = 1;
constexpr std::uintmax_t most_bytes = std::uintmax_t{64} * 1024 * 1024;
constexpr std::size_t most_instances = 50'000; ///< of a report
constexpr std::array roles{std::pair{Role::value, std::string_view("value")},
                           std::pair{Role::key, std::string_view("key")},
                           std::pair{Role::key_ignoring_case, std::string_view("key_ignoring_case")}};

json::object json_of(Property const& property) {
    auto const role = std::ranges::find(roles, property.role, &std::pair<Role, std::string_view>::first);
    json::array values;
    for (auto const& value : property.values) values.emplace_back(value);
    return {{"name", property.name}, {"role", role->second}, {"values", std::move(values)}};
}

json::object json_of(Instance const& instance) {
    json::array properties;
    for (auto const& property : instance.properties) properties.emplace_back(json_of(property));
    return {{"class", instance.class_name},
            {"namespace", instance.name_space},
            {"properties", std::move(properties)}};
}

/// What stands in a file, with its place for the message: `instances[3].class`.
class Part {
public:
    Part(json::value const& value, std::string place)
        : value_(value)
        , place_(std::move(place)) {}

    std::unexpected<Error> wrong(std::string_view what) const {
        return fail(Code::malformed, fmt::format("{} {}", place_.empty() ? "the whole" : place_, what));
    }
    Result<Part> member(std::string_view name) const {
        auto const* const object = value_.if_object();
        if (object == nullptr) return wrong("is no object");
        auto const* const found = object->if_contains(name);
        if (found == nullptr) return wrong(fmt::format("has no \"{}\"", name));
        return Part(*found, place_.empty() ? std::string(name) : fmt::format("{}.{}", place_, name));
    }
    Result<std::string_view> text() const {
        auto const* const text = value_.if_string();
        if (text == nullptr) return wrong("is no text");
        return std::string_view(*text);
    }
    Result<std::vector<Part>> items() const {
        auto const* const array = value_.if_array();
        if (array == nullptr) return wrong("is no array");
        if (array->size() > most_instances)
            return wrong(fmt::format("has more than {} items", most_instances));
        std::vector<Part> parts;
        for (std::size_t i = 0; i < array->size(); ++i)
            parts.emplace_back((*array)[i], fmt::format("{}[{}]", place_, i));
        return parts;
    }
    bool is(std::int64_t number) const {
        auto const* const have = value_.if_int64();
        return have != nullptr && *have == number;
    }

private:
    json::value const& value_;
    std::string place_;
};

Result<std::string_view> text_in(Part const& part, std::string_view name) {
    auto const member = part.member(name);
    if (!member) return std::unexpected(member.error());
    return member->text();
}

Result<std::vector<Part>> items_in(Part const& part, std::string_view name) {
    auto const member = part.member(name);
    if (!member) return std::unexpected(member.error());
    return member->items();
}

/// A name that becomes an element of the report.
Result<std::string_view> name_in(Part const& part, std::string_view name) {
    auto text = text_in(part, name);
    if (!text) return text;
    auto const is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    bool const good =
        !text->empty() && text->size() <= 256 && is_letter(text->front()) &&
        std::ranges::all_of(*text, [&is_letter](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
    if (!good) return part.wrong(fmt::format("has a \"{}\" that is no name of a class or property", name));
    return text;
}

/// `root\cimv2`
Result<std::string_view> name_space_in(Part const& part) {
    auto text = text_in(part, "namespace");
    if (!text) return text;
    bool const good = std::ranges::all_of(*text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '\\';
    });
    if (!good) return part.wrong("has a \"namespace\" that is none");
    return text;
}

Result<Property> property_in(Part const& part) {
    auto const name = name_in(part, "name");
    if (!name) return std::unexpected(name.error());
    auto const role = text_in(part, "role");
    if (!role) return std::unexpected(role.error());
    auto const known = std::ranges::find(roles, *role, &std::pair<Role, std::string_view>::second);
    if (known == roles.end()) return part.wrong("has a \"role\" that is none");
    auto const values = items_in(part, "values");
    if (!values) return std::unexpected(values.error());
    Property property{std::string(*name), {}, known->first};
    for (auto const& each : *values) {
        auto const text = each.text();
        if (!text) return std::unexpected(text.error());
        if (reportable(*text) != *text) return each.wrong("is no text that can be reported");
        property.values.emplace_back(*text);
    }
    if (property.values.empty()) return part.wrong("has no values");
    return property;
}

Result<Instance> instance_in(Part const& part) {
    auto const name = name_in(part, "class");
    if (!name) return std::unexpected(name.error());
    auto const name_space = name_space_in(part);
    if (!name_space) return std::unexpected(name_space.error());
    auto const properties = items_in(part, "properties");
    if (!properties) return std::unexpected(properties.error());
    Instance instance(*name, *name_space);
    for (auto const& each : *properties) {
        auto property = property_in(each);
        if (!property) return std::unexpected(std::move(property.error()));
        if (instance.find(property->name) != nullptr) return each.wrong("is there twice");
        instance.properties.push_back(std::move(*property));
    }
    return instance;
}

Result<Reported> reported_in(Part const& whole) {
    auto const mark = whole.member("format");
    if (!mark) return std::unexpected(mark.error());
    if (!mark->is(format)) return mark->wrong(fmt::format("is not {}: another version wrote it", format));
    auto const text = text_in(whole, "version");
    if (!text) return std::unexpected(text.error());
    auto const version = Version::parse(*text);
    if (!version) return std::unexpected(version.error());
    auto const items = items_in(whole, "instances");
    if (!items) return std::unexpected(items.error());
    std::vector<Instance> instances;
    for (auto const& each : *items) {
        auto instance = instance_in(each);
        if (!instance) return std::unexpected(std::move(instance.error()));
        instances.push_back(std::move(*instance));
    }
    return Reported{*version, Snapshot(std::move(instances))};
}

/// A name that stands for the file while it is written.
fs::path name_beside(fs::path const& file) {
    return file.string() + ".new";
}

bool write_durably(fs::path const& file, std::string_view text) {
    Descriptor const out(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
    return out.get() >= 0 && write_all(out.get(), as_bytes(text)) && ::fsync(out.get()) == 0;
}

} // namespace

std::string text_of(Reported const& reported) {
    json::array instances;
    for (auto const& [identity, instance] : reported.snapshot.entries())
        instances.emplace_back(json_of(instance));
    return json::serialize(json::object{
        {"format", format}, {"version", reported.version.text()}, {"instances", std::move(instances)}});
}

Result<Reported> parse_reported(std::string_view text) {
    boost::system::error_code error;
    auto const value = json::parse(text, error);
    if (error) return fail(Code::malformed, fmt::format("it is no JSON: {}", error.message()));
    return reported_in(Part(value, {}));
}

Result<void> save(Reported const& reported, fs::path const& file) {
    auto const beside = name_beside(file);
    if (!write_durably(beside, text_of(reported)) || ::rename(beside.c_str(), file.c_str()) != 0) {
        auto failure = system_failure("write", file);
        ::unlink(beside.c_str());
        return failure;
    }
    auto const directory = file.has_parent_path() ? file.parent_path() : fs::path(".");
    if (!sync_directory(directory)) return system_failure("sync", directory);
    return {};
}

Result<Reported> load(fs::path const& file) {
    std::error_code error;
    auto const size = fs::file_size(file, error);
    if (error == std::errc::no_such_file_or_directory)
        return fail(Code::not_found, fmt::format("there is no saved inventory {}", file.string()));
    auto const unreadable = fail(Code::io, fmt::format("cannot read the saved inventory {}", file.string()));
    if (error) return unreadable; // also what is no file, and might make us wait
    constexpr std::string_view advice = "remove it, and the next report is a full one";
    if (size > most_bytes) {
        return fail(Code::limit_exceeded, fmt::format("the saved inventory {} is larger than {} bytes: {}",
                                                      file.string(), most_bytes, advice));
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) return unreadable;
    std::string const text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    auto reported = parse_reported(text);
    if (!reported) {
        return fail(Code::malformed, fmt::format("the saved inventory {} cannot be used: {}; {}",
                                                 file.string(), reported.error().message, advice));
    }
    return reported;
}

} // namespace pointman::client::inventory
