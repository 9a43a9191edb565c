// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_client.hpp"

#include "server/wire/client_auth.hpp"
#include "tests/support/xmllint.hpp"

#include <fmt/format.h>

#include <mutex>
#include <stdexcept>
#include <vector>

namespace pointman::test {

wire::PrivateKey const& test_key(std::size_t number) {
    static std::mutex guard; // tests ask from several threads
    static std::vector<std::unique_ptr<wire::PrivateKey>> keys;
    std::scoped_lock const lock(guard);
    while (keys.size() <= number)
        keys.push_back(std::make_unique<wire::PrivateKey>(wire::PrivateKey::generate(2048)));
    return *keys[number];
}

std::string attribute_in(std::string_view xml, std::string_view name) {
    auto const start = xml.find(fmt::format(" {}=\"", name));
    if (start == std::string_view::npos) return {};
    auto const value = start + name.size() + 3;
    return std::string(xml.substr(value, xml.find('"', value) - value));
}

std::string TestClient::register_with(HttpConnection& connection, std::string_view path) {
    auto request = registration_of(key_, name_);
    if (!certificate_.empty()) request.signing_certificate = certificate_;
    if (id_) request.smsid = id_->text();
    auto const reply =
        invoke(connection, message("MP_ClientRegistration", signed_request(key_, request), false), path);
    if (auto const given = ClientId::parse(attribute_in(reply, "SMSID"))) id_ = *given;
    return reply;
}

std::string TestClient::confirm(HttpConnection& connection, std::string_view path) {
    auto const request = confirmation_of(id_->text());
    return invoke(connection, message("MP_ClientRegistration", signed_request(key_, request), false), path);
}

wire::OutgoingRequest TestClient::message(std::string_view endpoint, std::string xml, bool is_signed) const {
    wire::OutgoingRequest request;
    auto& header = request.header;
    header.reply_compression = "zlib";
    header.schema_version = "1.1";
    header.correlation_id = "{00000000-0000-0000-0000-000000000000}";
    header.id = random_message_id();
    header.payload_type = "inline";
    header.priority = "0";
    header.protocol = "http";
    header.reply_mode = "Sync";
    header.reply_to = fmt::format("direct:{}:SccmMessaging", name_);
    header.source_host = name_;
    header.target_address = fmt::format("mp:{}", endpoint);
    header.target_endpoint = endpoint;
    if (id_ && endpoint != "MP_ClientRegistration") header.source_id = id_->text();
    request.xml = std::move(xml);
    if (is_signed) {
        request.sign = [key = key_, source = header.source_id, machine = name_](BytesView payload) {
            return wire::make_client_auth(key, source, machine, payload);
        };
    }
    return request;
}

HttpResponse TestClient::send(HttpConnection& connection, wire::OutgoingRequest request,
                              std::string_view path) {
    auto const body = wire::encode_request(std::move(request));
    return connection.request("CCM_POST", path, {{"Content-Type", std::string(wire::content_type)}}, body);
}

std::string TestClient::invoke(HttpConnection& connection, wire::OutgoingRequest request,
                               std::string_view path) {
    auto const response = send(connection, std::move(request), path);
    if (response.status != 200) throw std::runtime_error(fmt::format("HTTP {}", response.status));
    if (response.body.empty()) return {};
    auto reply = wire::decode_reply(response.header("content-type"), response.body);
    if (!reply) throw std::runtime_error(describe(reply.error()));
    if (auto const faults = faults_by_xmllint(reply->xml); !faults.empty()) throw std::runtime_error(faults);
    return std::move(reply->xml);
}

std::string TestClient::report(std::string_view content, std::string_view action, std::string_view body,
                               std::string_view version, std::string_view type) const {
    return fmt::format(
        "<Report><ReportHeader><Identification><Machine><ClientInstalled>1</ClientInstalled><ClientType>1</"
        "ClientType>"
        "<ClientID>{}</ClientID><ClientVersion>5.00.8325.0000</ClientVersion><NetBIOSName>{}</NetBIOSName>"
        "<CodePage>437</CodePage><SystemDefaultLCID>1033</SystemDefaultLCID><Priority "
        "/></Machine></Identification>"
        "<ReportDetails><ReportContent>{}</ReportContent><ReportType>{}</ReportType>"
        "<Date>20261123100000.000000+000</Date><Version>{}</Version><Format>1.1</Format></ReportDetails>{}"
        "</ReportHeader><ReportBody>{}</ReportBody></Report>",
        id().text(), name_, content, type, version, action, body);
}

} // namespace pointman::test
