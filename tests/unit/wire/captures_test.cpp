// SPDX-License-Identifier: Apache-2.0
// Every recorded CCM_POST request, read to the end.
#include "base/hex.hpp"
#include "schemas/document.hpp"
#include "server/wire/client_auth.hpp"
#include "server/wire/message.hpp"
#include "tests/unit/wire/support.hpp"

#include <openssl/pem.h>

#include <filesystem>
#include <set>

using namespace pointman;
using namespace pointman::test;

namespace {

struct Row {
    char const* capture;
    char const* endpoint;
    std::vector<std::string> hooks;
    char const* root;
    std::size_t payload; ///< bytes after decompression
    std::size_t body;    ///< bytes without trailer
    std::size_t attachments = 0;
    std::vector<std::pair<std::size_t, std::size_t>> ranges =
        {};                        ///< offset, length; empty = just the body at 0
    char const* registration = ""; ///< where the signer's certificate is
};

std::vector<std::string> const zlib{"zlib-compress"};
std::vector<std::string> const both{"clientauth", "zlib-compress"};
std::vector<std::string> const signature{"clientauth"};

// Offsets and lengths were taken from the recorded bytes with another program.
std::vector<Row> const& rows() {
    static std::vector<Row> const table{
        {"pxethief/02", "MP_PolicyManager", signature, "RequestAssignments", 729, 722},
        {"sccmhunter/01", "MP_ClientRegistration", zlib, "ClientRegistrationRequest", 8482, 8478},
        {"sccmhunter/02", "MP_ClientRegistration", zlib, "ClientRegistrationRequest", 8482, 8478},
        {"sccmhunter/03", "MP_ClientRegistration", zlib, "ClientRegistrationRequest", 8482, 8478},
        {"sccmhunter/04", "MP_PolicyManager", both, "RequestAssignments", 754, 750, 0, {}, "sccmhunter/01"},
        {"sccmhunter/07", "MP_ClientRegistration", zlib, "ClientRegistrationRequest", 8470, 8466},
        {"sccmhunter/08",
         "MP_DdrEndpoint",
         both,
         "Report",
         7990,
         6300,
         1,
         {{1686, 6300}, {0, 1682}},
         "sccmhunter/07"},
        {"sccmhunter/11", "MP_PolicyManager", both, "RequestAssignments", 754, 750, 0, {}, "sccmhunter/01"},
        {"sccmwtf/01", "MP_ClientRegistration", zlib, "ClientRegistrationRequest", 8482, 8478},
        {"sccmwtf/02", "MP_ClientRegistration", zlib, "ClientRegistrationRequest", 8482, 8478},
        {"sccmwtf/03", "MP_ClientRegistration", zlib, "ClientRegistrationRequest", 8482, 8478},
        {"sccmwtf/04", "MP_PolicyManager", both, "RequestAssignments", 754, 750, 0, {}, "sccmwtf/01"},
        {"sdk/09", "MP_ClientRegistration", zlib, "ClientRegistrationRequest", 9128, 9124},
        {"sdk/10", "MP_ClientRegistration", {}, "ClientRegistrationRequest", 9128, 9124},
        {"sdk/11", "MP_ClientRegistration", zlib, "ClientRegistrationRequest", 1850, 1846},
        {"sdk/12", "MP_ClientRegistration", zlib, "ClientRegistrationRequest", 9128, 9124},
        {"sdk/14", "MP_ClientRegistration", zlib, "ClientRegistrationRequest", 9128, 9124},
        {"sdk/15", "MP_PolicyManager", both, "RequestAssignments", 728, 724, 0, {}, "sdk/09"},
        {"sdk/16", "MP_PolicyManager", signature, "RequestAssignments", 728, 724, 0, {}, "sdk/09"},
        {"sdk/20", "MP_PolicyManager", both, "RequestAssignments", 864, 860, 0, {}, "sdk/09"},
        {"sdk/22", "MP_PolicyManager", both, "RequestAssignments", 864, 860, 0, {}, "sdk/09"},
        {"sdk/32", "MP_LocationManager", zlib, "ContentLocationRequest", 1128, 1124},
        {"sdk/33", "MP_LocationManager", zlib, "SiteInformationRequest", 190, 186},
        {"sdk/34", "MP_LocationManager", zlib, "AssignedSiteRequest", 498, 494},
        {"sdk/35", "MP_LocationManager", zlib, "EnumerateMPLocationRequest", 414, 410},
        {"sdk/36", "MP_LocationManager", zlib, "LocalMPLocationRequest", 572, 568},
        {"sdk/37", "MP_LocationManager", zlib, "WSUSLocationRequest", 632, 628},
        {"sdk/38", "MP_RelayEndpoint", zlib, "Report", 1692, 1688},
        {"sdk/39", "StatusReceiver", both, "Status", 528, 524, 0, {}, "sdk/09"},
        {"sdk/40",
         "MP_DdrEndpoint",
         both,
         "Report",
         6378,
         1676,
         1,
         {{0, 1676}, {0, 4698}, {1678, 4698}},
         "sdk/09"},
        {"sdk/41",
         "MP_HinvEndpoint",
         both,
         "Report",
         4100,
         1674,
         1,
         {{0, 1674}, {0, 2422}, {1676, 2422}},
         "sdk/09"},
        {"sdk/42", "MP_SinvEndpoint", both, "Report", 3354, 1674, 1, {{0, 1674}, {1676, 1676}}, "sdk/09"},
        {"sdk/43", "MP_AppStateManager", both, "AppStateServicesRequest", 382, 378, 0, {}, "sdk/09"},
    };
    return table;
}

wire::Message open_capture(Capture const& capture) {
    auto envelope = decode_envelope(capture);
    auto const signed_payload = unwrap(wire::decrypted_payload(envelope, {}));
    return unwrap(wire::open(std::move(envelope.header), signed_payload));
}

std::vector<std::pair<std::size_t, std::size_t>> ranges_of(wire::Message const& message) {
    std::vector<std::pair<std::size_t, std::size_t>> result;
    for (auto const& range : message.ranges())
        result.emplace_back(static_cast<std::size_t>(range.data() - message.payload().data()), range.size());
    return result;
}

/// The key whose certificate a recorded registration carries for signing.
wire::PublicKey key_registered_in(std::string_view number) {
    auto const message = open_capture(load_capture(number));
    auto const document = unwrap(schemas::parse(message.body()));
    auto const data = document.root().child("Data");
    REQUIRE(data);
    auto const certificates = data->child("Certificates");
    REQUIRE(certificates);
    return unwrap(wire::PublicKey::from_certificate(unwrap(from_hex(certificates->child_text("Signing")))));
}

} // namespace

TEST_CASE("the table names every recorded message") {
    std::set<std::string> listed{"bits/01", "sdk/19", "sdk/47"}; // below, and in message_test.cpp
    for (auto const& row : rows()) listed.insert(row.capture);
    std::set<std::string> recorded;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(test_data("captures"))) {
        auto const name = entry.path().filename().string();
        if (entry.path().extension() != ".bin" || entry.file_size() == 0 || !name.contains("-CCM_POST"))
            continue;
        recorded.insert(entry.path().parent_path().filename().string() + "/" + name.substr(0, 2));
    }
    CHECK(recorded == listed);
}

TEST_CASE("every recorded message decodes to its endpoint, body and attachments") {
    auto const& row = GENERATE(from_range(rows()));
    INFO(row.capture);
    auto const message = open_capture(load_capture(row.capture));
    auto const& header = message.header();
    CHECK(header.endpoint() == row.endpoint);
    std::vector<std::string> hooks;
    for (auto const& hook : header.hooks) hooks.push_back(hook.name);
    CHECK(hooks == row.hooks);
    CHECK(header.unknown.empty());
    CHECK(message.payload().size() == row.payload);
    CHECK(message.body().size() == row.body);
    CHECK(unwrap(schemas::parse(message.body())).root().name() == row.root);
    CHECK(message.attachments().size() == row.attachments);
    using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;
    CHECK(ranges_of(message) == (row.ranges.empty() ? Ranges{{0, row.body}} : row.ranges));
}

TEST_CASE("every recorded message decodes without its Content-Type") {
    auto const& row = GENERATE(from_range(rows()));
    INFO(row.capture);
    auto capture = load_capture(row.capture);
    auto const expected = decode_envelope(capture);
    capture.content_type.clear();
    auto const envelope = decode_envelope(capture);
    CHECK(envelope.header == expected.header);
    CHECK(std::ranges::equal(envelope.payload, expected.payload));
}

TEST_CASE("one of the ranges holds the filled report") {
    auto const* const capture = GENERATE("sccmhunter/08", "sdk/40", "sdk/41", "sdk/42");
    INFO(capture);
    auto const message = open_capture(load_capture(capture));
    std::size_t filled = 0;
    for (auto const& range : message.ranges()) {
        auto const document = schemas::parse(range);
        if (!document) continue; // the range that the SDK gives wrongly
        auto const body = document->root().child("ReportBody");
        if (body && body->has_children()) ++filled;
    }
    // The SDK's software inventory was recorded with an empty report.
    CHECK(filled == (std::string_view(capture) == "sdk/42" ? 0 : 1));
}

TEST_CASE("every recorded signature verifies with the key of the registration beside it") {
    auto const& row = GENERATE(from_range(rows()));
    if (*row.registration == '\0') return;
    INFO(row.capture);
    auto const capture = load_capture(row.capture);
    auto const envelope = decode_envelope(capture);
    auto const* const hook = envelope.header.hook("clientauth");
    REQUIRE(hook != nullptr);
    auto const key = key_registered_in(row.registration);
    auto const payload = unwrap(wire::decrypted_payload(envelope, {}));
    CHECK(verify_client_auth(*hook, key, envelope.header.source_id, payload));

    auto changed = payload;
    changed.back() ^= std::byte{1};
    CHECK_FALSE(verify_client_auth(*hook, key, envelope.header.source_id, changed));
    CHECK_FALSE(verify_client_auth(*hook, key, "GUID:00000000-0000-0000-0000-000000000000", payload));
}

TEST_CASE("every recorded clientauth hook is in the table of signatures") {
    auto const& row = GENERATE(from_range(rows()));
    INFO(row.capture);
    auto const header = header_of(row.capture);
    auto const* const hook = header.hook("clientauth");
    bool const has_signature = hook != nullptr && hook->property("PayloadSignature");
    CHECK(has_signature == (*row.registration != '\0'));
}

TEST_CASE("the key in the hook is the registered one") {
    auto const header = header_of("sdk/15");
    auto const hex = header.hook("clientauth")->property("PublicKey");
    REQUIRE(hex);
    auto const key = unwrap(wire::PublicKey::from_blob(unwrap(from_hex(*hex))));
    CHECK(key.spki() == key_registered_in("sdk/09").spki());
    CHECK(to_hex(key.blob()) == *hex);
}

TEST_CASE("the token of boot media verifies with the media certificate") {
    auto const header = header_of("pxethief/02");
    auto const text = header.hook("clientauth")->property("Token");
    REQUIRE(text);
    std::string_view constexpr first = "ClientToken:";
    std::string_view constexpr second = "ClientTokenSignature:";
    auto const line_end = text->find('\n');
    REQUIRE(text->starts_with(first));
    REQUIRE(text->substr(line_end + 1).starts_with(second));
    auto const token = text->substr(first.size(), line_end - first.size());
    auto const signature_bytes = unwrap(from_hex(text->substr(line_end + 1 + second.size())));

    auto const pem = read_text(test_data("captures/pxethief/media-certificate.pem"));
    std::unique_ptr<BIO, int (*)(BIO*)> const bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                  BIO_free);
    std::unique_ptr<X509, void (*)(X509*)> const certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
    Bytes der(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)));
    auto* at = reinterpret_cast<unsigned char*>(der.data());
    i2d_X509(certificate.get(), &at);

    auto const key = unwrap(wire::PublicKey::from_certificate(der));
    CHECK(key.verify(wire::signed_text(token), signature_bytes, wire::Digest::sha256, true));
    CHECK_FALSE(key.verify(wire::signed_text(token), signature_bytes, wire::Digest::sha256, false));
}

TEST_CASE("the encrypted request reaches the decryption with its bytes") {
    auto const capture = load_capture("sdk/19");
    auto const envelope = decode_envelope(capture);
    CHECK(envelope.header.endpoint() == "MP_PolicyManager");
    REQUIRE(envelope.header.is_encrypted());
    REQUIRE(envelope.header.is_compressed());
    CHECK(envelope.payload.size() == 722);
    Bytes seen;
    (void)wire::decrypted_payload(envelope, [&](BytesView bytes) -> Result<Bytes> {
        seen.assign(bytes.begin(), bytes.end());
        return seen;
    });
    CHECK(std::ranges::equal(seen, envelope.payload));
    // DER SEQUENCE, then the object identifier of CMS EnvelopedData.
    CHECK(to_hex(seen).substr(0, 30).contains("06092A864886F70D010703"));
}

TEST_CASE("message properties and source type of the recorded messages") {
    CHECK(header_of("sdk/38").property("FileType") == "SMX");
    CHECK(header_of("sdk/43").source_type == "1");
    CHECK(header_of("sdk/10").wants_compressed_reply() == false);
    CHECK(header_of("pxethief/02").wants_compressed_reply());
    CHECK(header_of("sccmhunter/08").is_async());
}

TEST_CASE("the recorded bits upload request") {
    auto const capture = load_capture("bits/01");
    auto const decoded = unwrap(wire::decode(capture.content_type, capture.body));
    CHECK(std::get<wire::UploadRequest>(decoded).message_id == "{8D0F1DF5-F375-4F8B-840E-9F532C559CA4}");
}
