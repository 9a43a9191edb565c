// SPDX-License-Identifier: Apache-2.0
#include "client/messaging/queue_file.hpp"

#include "base/hex.hpp"
#include "client/transport/failure.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pointman::client {

namespace {

namespace json = boost::json;

constexpr std::int64_t format_version = 1;

/// Reads fields of an object that may be anything: the first that is missing or of another kind spoils it.
class Fields {
public:
    explicit Fields(json::value const& value)
        : object_(value.if_object()) {}

    std::string text(std::string_view name) {
        auto const* const value = find(name);
        auto const* const found = value == nullptr ? nullptr : value->if_string();
        if (found == nullptr) spoil(name);
        return found == nullptr ? std::string() : std::string(*found);
    }
    std::string text_or_nothing(std::string_view name) {
        return find(name) == nullptr ? std::string() : text(name);
    }
    std::int64_t number(std::string_view name) {
        auto const* const value = find(name);
        auto const* const found = value == nullptr ? nullptr : value->if_int64();
        if (found == nullptr) spoil(name);
        return found == nullptr ? 0 : *found;
    }
    bool flag(std::string_view name) {
        auto const* const value = find(name);
        auto const* const found = value == nullptr ? nullptr : value->if_bool();
        if (found == nullptr) spoil(name);
        return found != nullptr && *found;
    }
    Bytes hex(std::string_view name) {
        auto bytes = from_hex(text(name));
        if (!bytes) spoil(name);
        return bytes.value_or(Bytes{});
    }
    std::uint16_t port(std::string_view name) {
        auto const value = number(name);
        if (value < 0 || value > 0xFFFF) spoil(name);
        return static_cast<std::uint16_t>(value);
    }

    std::string const& fault() const { return fault_; }

private:
    json::value const* find(std::string_view name) const {
        return object_ == nullptr ? nullptr : object_->if_contains({name.data(), name.size()});
    }
    void spoil(std::string_view name) {
        if (fault_.empty()) fault_ = fmt::format("'{}' is missing or unusable", name);
    }

    json::object const* object_;
    std::string fault_;
};

std::unexpected<Error> damaged(std::string_view why) {
    return fail(Code::storage, fmt::format("the file of the queued message is damaged: {}", why));
}

std::int64_t milliseconds(Time time) {
    return time.time_since_epoch().count();
}
Time time_of(std::int64_t milliseconds) {
    return Time{std::chrono::milliseconds{milliseconds}};
}

json::object route_fields(Outgoing const& outgoing) {
    auto const& route = outgoing.target.route;
    return {{"tls", route.tls},
            {"socket", route.socket},
            {"server", route.host},
            {"port", std::int64_t{route.port}},
            {"path", outgoing.target.path},
            {"roots", route.files.roots},
            {"certificate", route.files.certificate},
            {"key", route.files.key},
            {"revocation_lists", route.files.revocation_lists},
            {"check_revocation", route.files.check_revocation},
            {"proxy", route.proxy.host},
            {"proxy_port", std::int64_t{route.proxy.port}},
            {"proxy_user", route.proxy.user},
            {"proxy_password", route.proxy.password},
            {"encrypt", outgoing.encrypt},
            {"encryption_certificate", to_hex(outgoing.encryption_certificate)}};
}

Outgoing read_route(Fields& fields) {
    Outgoing outgoing;
    auto& route = outgoing.target.route;
    route.socket = fields.text_or_nothing("socket"); // files of former versions have none
    route.tls = fields.flag("tls");
    route.host = fields.text("server");
    route.port = fields.port("port");
    outgoing.target.path = fields.text("path");
    route.files = {.roots = fields.text("roots"),
                   .certificate = fields.text("certificate"),
                   .key = fields.text("key"),
                   .revocation_lists = fields.text("revocation_lists"),
                   .check_revocation = fields.flag("check_revocation")};
    route.proxy = {.host = fields.text("proxy"),
                   .port = fields.port("proxy_port"),
                   .user = fields.text("proxy_user"),
                   .password = fields.text("proxy_password")};
    outgoing.encrypt = fields.flag("encrypt");
    outgoing.encryption_certificate = fields.hex("encryption_certificate");
    return outgoing;
}

Result<json::value> parsed(std::string_view line) {
    boost::system::error_code error;
    auto value = json::parse({line.data(), line.size()}, error);
    if (error) return damaged(error.message());
    return value;
}

} // namespace

Bytes encode_queue_file(QueueEntry const& entry, Outgoing const& outgoing) {
    auto rest = wire::write_header(outgoing.request.header);
    auto const header_size = rest.size();
    rest.insert(rest.end(), outgoing.request.payload.begin(), outgoing.request.payload.end());
    auto fields = route_fields(outgoing);
    fields["version"] = format_version;
    fields["id"] = entry.tracking_id;
    fields["host"] = entry.host;
    fields["endpoint"] = entry.endpoint;
    fields["posted"] = milliseconds(entry.posted);
    fields["expires"] = entry.expires ? milliseconds(*entry.expires) : 0;
    fields["header_size"] = static_cast<std::int64_t>(header_size);
    fields["sha256"] = sha256_hex(rest);
    auto file = to_bytes(json::serialize(fields) + "\n");
    file.insert(file.end(), rest.begin(), rest.end());
    return file;
}

Result<QueueEntry> read_queue_entry(std::string_view first_line) {
    auto const value = parsed(first_line);
    if (!value) return std::unexpected(value.error());
    Fields fields(*value);
    if (fields.number("version") != format_version) return damaged("it is of another version");
    QueueEntry entry{.tracking_id = fields.text("id"),
                     .host = fields.text("host"),
                     .endpoint = fields.text("endpoint"),
                     .posted = time_of(fields.number("posted")),
                     .expires = {}};
    if (auto const expires = fields.number("expires"); expires != 0) entry.expires = time_of(expires);
    if (!fields.fault().empty()) return damaged(fields.fault());
    return entry;
}

Result<Outgoing> read_queue_file(BytesView content) {
    auto const line = as_chars(content).substr(0, as_chars(content).find('\n'));
    auto const value = parsed(line);
    if (!value) return std::unexpected(value.error());
    Fields fields(*value);
    auto outgoing = read_route(fields);
    auto const header_size = fields.number("header_size");
    auto const digest = fields.text("sha256");
    if (!fields.fault().empty()) return damaged(fields.fault());
    auto const rest = content.subspan(std::min(line.size() + 1, content.size()));
    if (sha256_hex(rest) != digest) return damaged("its bytes have changed");
    if (header_size < 0 || static_cast<std::size_t>(header_size) > rest.size())
        return damaged("it is too short");
    auto const at = static_cast<std::size_t>(header_size);
    auto header = wire::parse_header(rest.first(at));
    if (!header) return damaged(header.error().message);
    outgoing.request = {.header = std::move(*header),
                        .payload = Bytes(rest.begin() + header_size, rest.end())};
    return outgoing;
}

} // namespace pointman::client
