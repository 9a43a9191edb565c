// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/registration/desk.hpp"

#include "schemas/validator.hpp"
#include "server/wire/utf16.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace pointman::test {

namespace {

template <class T>
T value(Result<T> result) {
    if (!result) throw std::runtime_error(describe(result.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

Answered take_apart(std::string xml) {
    Answered answered;
    answered.xml = std::move(xml);
    if (answered.xml.empty()) return answered;
    auto const document = value(schemas::parse(as_bytes(answered.xml)));
    auto const root = document.root();
    if (root.name() != "ClientRegistrationResponse")
        throw std::runtime_error("another root: " + answered.xml);
    answered.type = root.attribute_or("ResponseType", "");
    answered.time = root.attribute_or("TimeStamp", "");
    answered.status = std::stoi(std::string(root.attribute_or("Status", "-2")));
    answered.smsid = root.attribute_or("SMSID", "");
    answered.approval = root.attribute_or("ApprovalStatus", "");
    return answered;
}

} // namespace

bool Answered::noted(endpoints::Note::Kind kind, std::vector<std::string> const& parts) const {
    return std::ranges::any_of(notes, [&](endpoints::Note const& note) {
        return note.kind == kind &&
               std::ranges::all_of(parts, [&](auto const& part) { return note.text.contains(part); });
    });
}

Desk::Desk() {
    schemas::load_embedded_schemas();
    settings.site.code = "LAB";
    settings.security.auto_approve = config::AutoApprove::none;
    store_ = value(db::Store::open({.database = directory_.path() / "pointman.db"}));
    auto const ask = [this](BytesView certificate) { return trusts(certificate); };
    endpoint_ = std::make_unique<endpoints::RegistrationEndpoint>(endpoints::Site{settings, clock, ask});
}

Answered Desk::submit(BytesView body, std::string const& account) {
    wire::Message const message(wire::Header{}, Bytes(body.begin(), body.end()));
    auto const root = schemas::root_name(message.body());
    if (!root) return refused(nullptr, root.error());
    auto const schema = endpoint_->schema(message, *root);
    if (!schema) return refused(nullptr, schema.error());
    auto const document = schemas::validate(*schema, message.body());
    if (!document) return refused(nullptr, document.error());

    endpoints::Incoming const incoming{.message = message,
                                       .source = message.body(),
                                       .sender = std::nullopt,
                                       .signature_verified = false,
                                       .integrated_account = account,
                                       .peer = "127.0.0.1",
                                       .received = clock.now(),
                                       .certificate = tls_certificate};
    auto const request = endpoint_->parse(incoming, *document);
    if (!request) return refused(&*document, request.error());
    auto reply = store_->write_and_wait(
        [this, &request](db::Transaction& transaction) { return endpoint_->handle(*request, transaction); });
    if (!reply) return refused(&*document, reply.error());
    auto answered = take_apart(std::move(reply->xml));
    answered.notes = std::move(reply->notes);
    return answered;
}

Answered Desk::submit(std::string_view utf8, std::string const& account) {
    return submit(as_sent(utf8), account);
}

Answered Desk::submit(wire::PrivateKey const& signer, RegistrationRequest const& request,
                      std::string const& account) {
    return submit(signed_request(signer, request), account);
}

Answered Desk::refused(schemas::Document const* document, Error error) const {
    auto answered = take_apart(endpoint_->refusal_reply(document, error));
    answered.error = std::move(error);
    return answered;
}

std::optional<db::Client> Desk::client(std::string_view smsid) {
    auto const id = value(ClientId::parse(smsid));
    return value(store_->read([&](db::Session& session) { return db::Clients(session).find(id); }));
}

std::vector<db::Client> Desk::clients() {
    return value(store_->read([](db::Session& session) { return db::Clients(session).list(); }));
}

void Desk::insert(db::Client const& client) {
    value(store_->write_and_wait(
        [&](db::Transaction& transaction) { return db::Clients::insert(transaction, client); }));
}

void Desk::set_approval(std::string_view smsid, db::Approval approval) {
    auto const id = value(ClientId::parse(smsid));
    auto const done = store_->write_and_wait([&](db::Transaction& transaction) {
        return db::Clients::set_approval(transaction, id, approval, "manual", clock.now());
    });
    if (!done) throw std::runtime_error(describe(done.error()));
}

wire::PrivateKey const& test_key(std::size_t index) {
    static std::vector<wire::PrivateKey> const keys = [] {
        std::vector<wire::PrivateKey> made;
        for (int i = 0; i < 10; ++i) made.push_back(wire::PrivateKey::generate(1024));
        return made;
    }();
    return keys.at(index);
}

Bytes as_sent(std::string_view utf8) {
    auto bytes = wire::to_utf16le(utf8);
    bytes.resize(bytes.size() + 2);
    return bytes;
}

db::Client record_of(wire::PrivateKey const& key, std::string_view smsid, std::string_view name) {
    auto const public_key = key.public_key();
    return db::Client{.id = value(ClientId::parse(smsid)),
                      .name = std::string(name),
                      .fqdn = std::string(name) + ".lab.example",
                      .approval = db::Approval::approved,
                      .approval_method = "manual",
                      .key_spki = public_key.spki(),
                      .key_sha256 = public_key.sha256(),
                      .signing_certificate = self_signed_certificate(key),
                      .first_seen = desk_time,
                      .last_seen = desk_time};
}

} // namespace pointman::test
