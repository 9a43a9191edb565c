// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/endpoints/bench.hpp"

#include "db/clients.hpp"
#include "endpoints/report/choose.hpp"
#include "schemas/validator.hpp"
#include "server/wire/utf16.hpp"

#include <algorithm>
#include <stdexcept>

namespace pointman::test {

namespace {

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(describe(result.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

config::Settings lab_settings() {
    config::Settings settings;
    settings.site.code = "LAB";
    settings.site.host = "mp.lab";
    return settings;
}

Result<endpoints::Chosen> document_of(endpoints::Endpoint const& endpoint, wire::Message const& message) {
    if (endpoint.info().carrier == endpoints::Carrier::report) {
        return endpoints::choose_report(endpoint, message);
    }
    auto const root = schemas::root_name(message.body());
    if (!root) return std::unexpected(root.error());
    auto const schema = endpoint.schema(message, *root);
    if (!schema) return std::unexpected(schema.error());
    auto document = schemas::validate(*schema, message.body());
    if (!document) return std::unexpected(document.error());
    return endpoints::Chosen{std::move(*document), message.body()};
}

} // namespace

Bytes encoded(std::string_view utf8, Layout layout) {
    if (layout == Layout::utf8) return to_bytes(utf8);
    auto bytes = wire::to_utf16le(utf8);
    if (layout == Layout::utf16_with_mark) bytes.insert(bytes.begin(), {std::byte{0xFF}, std::byte{0xFE}});
    return bytes;
}

wire::Message message_of(Draft const& draft) {
    wire::Header header;
    header.id = "{159B74B3-6977-42DA-8EA5-C9A0DD3C51D0}";
    header.source_id = draft.source_id;
    header.target_endpoint = draft.endpoint;
    if (!draft.file_type.empty()) header.properties.push_back({"FileType", draft.file_type});

    auto payload = encoded(draft.body);
    payload.insert(payload.end(), 2, std::byte{0});
    header.body = wire::Range{0, payload.size()};
    for (auto const& attachment : draft.attachments) {
        header.attachments.push_back(
            {attachment.name, "ByteRange", {payload.size(), attachment.bytes.size()}});
        payload.insert(payload.end(), attachment.bytes.begin(), attachment.bytes.end());
    }
    payload.push_back(std::byte{0x0D});
    payload.push_back(std::byte{0x0A});
    return {std::move(header), std::move(payload)};
}

wire::Message recorded(std::string const& name) {
    auto const body = read_bytes(test_data("captures/" + name));
    auto const decoded = must(wire::decode("", body));
    auto const& envelope = std::get<wire::Envelope>(decoded);
    auto const payload = must(wire::decrypted_payload(envelope, [](BytesView) -> Result<Bytes> {
        throw std::runtime_error("the recording is encrypted");
    }));
    return must(wire::open(envelope.header, payload));
}

std::string sample(std::string const& name) {
    return read_text(source_file("schemas/samples/" + name));
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    auto const at = text.find(what);
    if (at == std::string::npos) throw std::runtime_error("nothing to replace: " + std::string(what));
    return text.replace(at, what.size(), with);
}

Bench::Bench()
    : settings_(lab_settings())
    , directory_(endpoints::Site{settings_, clock_, {}, {}, [this] { return signatures_; }}) {
    settings_.storage.files = folder_.path() / "files";
    schemas::load_embedded_schemas();
    db::StoreOptions options;
    options.database = database();
    store_ = must(db::Store::open(options));
}

void Bench::enroll(std::string_view smsid, std::string const& name, std::string const& agent_version) {
    db::Client client{.id = must(ClientId::parse(smsid))};
    client.name = name;
    client.agent_version = agent_version;
    client.key_sha256 = std::string(smsid.substr(smsid.size() - 12)); // any text of its own will do
    must(store_->write_and_wait(
        [&](db::Transaction& transaction) { return db::Clients::insert(transaction, client); }));
}

void Bench::sign_with(wire::PrivateKey const& key) {
    signatures_ = must(endpoints::policy::Signatures::load(*store_, key));
}

Result<endpoints::Reply> Bench::deliver(wire::Message const& message, Proven const& proven,
                                        std::function<void()> const& between) {
    auto const* endpoint = directory_.find(message.header().endpoint());
    if (endpoint == nullptr) return fail(Code::unknown_endpoint, message.header().target_endpoint);
    auto const chosen = document_of(*endpoint, message);
    if (!chosen) return std::unexpected(chosen.error());

    std::optional<db::Client> sender;
    if (auto const id = ClientId::parse(message.header().source_id)) {
        sender = must(store_->read([&](db::Session& session) { return db::Clients(session).find(*id); }));
    }
    endpoints::Incoming const incoming{.message = message,
                                       .source = chosen->bytes,
                                       .sender = sender,
                                       .integrated_account = proven.account,
                                       .peer = "127.0.0.1",
                                       .received = clock_.now(),
                                       .medium = proven.medium};
    auto work = endpoint->prepare(incoming, chosen->document);
    if (!work) return std::unexpected(work.error());
    if (auto* read = std::get_if<endpoints::ReadWork>(&*work)) {
        return store_->read([&](db::Session& session) { return (*read)(session); });
    }
    auto& write = std::get<endpoints::WriteWork>(*work);
    if (write.stage) {
        if (auto staged = write.stage(); !staged) return std::unexpected(staged.error());
    }
    if (between) between();
    return store_->write_and_wait([&](db::Transaction& transaction) { return write.handle(transaction); });
}

std::vector<db::StoredReport> Bench::reports() {
    return must(store_->read([](db::Session& session) -> Result<std::vector<db::StoredReport>> {
        db::Reports const reports(session);
        std::vector<db::StoredReport> whole;
        for (auto const& listed : must(reports.list("", "")))
            whole.push_back(must(reports.get(listed.report_id)));
        return whole;
    }));
}

std::vector<db::StatusMessage> Bench::status_messages() {
    return must(store_->read([](db::Session& session) { return db::StatusMessages(session).list({}); }));
}

bool noted(endpoints::Reply const& reply, endpoints::Note::Kind kind, std::string_view text) {
    return std::ranges::any_of(reply.notes, [&](endpoints::Note const& note) {
        return note.kind == kind && note.text.find(text) != std::string::npos;
    });
}

} // namespace pointman::test
