// SPDX-License-Identifier: Apache-2.0
#include "client/agent/home.hpp"

#include "base/time.hpp"
#include "client/messaging/files.hpp"
#include "client/transport/failure.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>

namespace pointman::client::agent {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t most_bytes = std::size_t{64} * 1024 * 1024;

} // namespace

Result<Home> Home::open(fs::path directory) {
    if (directory.empty())
        return fail(Code::invalid_argument, "it is not known where to keep things: give --directory");
    if (auto const made = make_private_directory(directory); !made) return std::unexpected(made.error());
    auto const file = directory / "lock";
    auto lock =
        std::make_unique<Descriptor>(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, private_file));
    if (lock->get() < 0) return storage_failure(system_failure("open", file).error());
    if (::flock(lock->get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return storage_failure(system_failure("lock", file).error());
        return fail(Code::busy, fmt::format("another pointman-agent works in {}: wait until it has ended, or "
                                            "give another --directory",
                                            directory.string()));
    }
    return Home(std::move(directory), std::move(lock));
}

fs::path Home::usual() {
    auto const under = [](char const* variable, fs::path const& below) {
        char const* const value = std::getenv(variable);
        return value != nullptr && fs::path(value).is_absolute() ? value / below : fs::path();
    };
    auto const state = under("XDG_STATE_HOME", "pointman-agent");
    return state.empty() ? under("HOME", ".local/state/pointman-agent") : state;
}

Result<json::object> Home::read(std::string_view name) const {
    auto const content = read_file(file(name), most_bytes);
    if (!content && content.error().code == Code::not_found) return json::object();
    if (!content) return std::unexpected(content.error());
    std::error_code error;
    auto const value = json::parse(as_chars(*content), error);
    if (error || !value.is_object()) {
        return fail(Code::storage, fmt::format("{} is damaged: remove it, and what it held is made anew",
                                               file(name).string()));
    }
    return value.get_object();
}

Result<void> Home::write(std::string_view name, json::object const& content) const {
    return write_file(file(name), as_bytes(json::serialize(content)), private_file);
}

Result<void> Home::remove(std::string_view name) const {
    std::error_code error;
    fs::remove_all(file(name), error);
    if (error)
        return fail(Code::storage, fmt::format("cannot remove {}: {}", file(name).string(), error.message()));
    return {};
}

std::string text_in(json::object const& object, std::string_view key) {
    auto const* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<Time> time_in(json::object const& object, std::string_view key) {
    auto const time = parse_iso_time(text_in(object, key));
    return time ? std::optional<Time>(*time) : std::nullopt;
}

unsigned count_in(json::object const& object, std::string_view key) {
    auto const* const value = object.if_contains(key);
    if (value == nullptr) return 0;
    std::error_code error;
    auto const number = value->to_number<unsigned>(error);
    return error ? 0 : number;
}

json::object object_in(json::object const& object, std::string_view key) {
    auto const* const value = object.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : json::object();
}

std::vector<json::object> objects_in(json::object const& object, std::string_view key) {
    std::vector<json::object> objects;
    auto const* const value = object.if_contains(key);
    if (value == nullptr || !value->is_array()) return objects;
    for (auto const& item : value->get_array())
        if (item.is_object()) objects.push_back(item.get_object());
    return objects;
}

std::vector<std::string> texts_in(json::object const& object, std::string_view key) {
    std::vector<std::string> texts;
    auto const* const value = object.if_contains(key);
    if (value == nullptr || !value->is_array()) return texts;
    for (auto const& item : value->get_array())
        if (item.is_string()) texts.emplace_back(item.get_string());
    return texts;
}

} // namespace pointman::client::agent
