// SPDX-License-Identifier: Apache-2.0
// Who asks for the body of a policy (policy.md 5, wire.md 8.2).
#include "base/hex.hpp"
#include "base/time.hpp"
#include "server/service/body_request.hpp"
#include "tests/support/test_client.hpp"
#include "tests/unit/wire/support.hpp"
#include "tests/unit/wire/vectors.hpp"

#include <fmt/format.h>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;
using wire::Digest;

namespace {

constexpr std::string_view pc1 = "GUID:11111111-1111-4111-8111-111111111111";
constexpr std::string_view pc2 = "GUID:22222222-2222-4222-8222-222222222222";
constexpr std::string_view proxy = "GUID:33333333-3333-4333-8333-333333333333";
constexpr std::string_view proxied = "GUID:44444444-4444-4444-8444-444444444444";
constexpr std::string_view orphan = "GUID:55555555-5555-4555-8555-555555555555"; ///< its proxy is gone
constexpr std::string_view pending = "GUID:66666666-6666-4666-8666-666666666666";
constexpr std::string_view blocked = "GUID:77777777-7777-4777-8777-777777777777";
constexpr std::string_view nobody = "GUID:99999999-9999-4999-8999-999999999999";
/// What boot media call themselves; registered nowhere.
constexpr std::string_view media_id = "{92153785-DA31-4172-8B9C-8B4DD8FE3F90}";

enum Key : std::size_t { key_pc1, key_pc2, key_proxy, key_pending, key_blocked, key_medium, key_stranger };

TimePoint at(std::string_view iso) {
    return unwrap(parse_iso_time(iso));
}
auto const now = at("2026-11-23T12:00:00Z");
constexpr std::string_view now_text = "2026-11-23T12:00:00Z";

Bytes const& certificate_of(Key key) {
    static std::map<Key, Bytes> made;
    auto& certificate = made[key];
    if (certificate.empty()) certificate = self_signed_certificate(test_key(key));
    return certificate;
}

/// How clients sign.
struct Way {
    Digest digest = Digest::sha256;
    bool bare = false;
    bool nul = true;
};

std::string sign(Key key, std::string_view text, Way way = {}) {
    auto const bytes = way.nul ? wire::signed_text(text) : wire::to_utf16le(text);
    return to_hex(test_key(key).sign(bytes, way.digest, way.bare));
}

/// Headers of a request, and the certificate of its connection.
struct Asked {
    std::string token;
    std::string token_signature;
    std::string id;
    std::string id_signature;
    std::string time;
    std::string time_signature;
    Bytes certificate;
};

Asked newer(Key key, std::string_view identity, std::string_view tail = ";2", Way way = {},
            TimePoint time = now) {
    auto const token = fmt::format("{};{}{}", identity, iso_time(time), tail);
    Asked asked;
    asked.token = token;
    asked.token_signature = sign(key, token, way);
    return asked;
}

Asked older(Key key, std::string_view id, Way way = {}, TimePoint time = now) {
    Asked asked;
    asked.id = id;
    asked.id_signature = sign(key, id, way);
    asked.time = iso_time(time);
    asked.time_signature = sign(key, asked.time, way);
    return asked;
}

Asked with_certificate(Key key, Asked asked = {}) {
    asked.certificate = certificate_of(key);
    return asked;
}

template <class F>
Asked but(Asked asked, F change) {
    change(asked);
    return asked;
}

/// A site with a few clients and a boot medium.
class Site {
public:
    Site() {
        add(pc1, key_pc1, db::Approval::approved);
        add(pc2, key_pc2, db::Approval::approved);
        add(proxy, key_proxy, db::Approval::approved);
        add(proxied, key_proxy, db::Approval::approved, proxy);
        add(orphan, key_proxy, db::Approval::approved, nobody);
        add(pending, key_pending, db::Approval::pending);
        add(blocked, key_blocked, db::Approval::blocked);
        add_medium(test_key(key_medium).public_key(), certificate_of(key_medium));
    }

    void add(std::string_view id, wire::PublicKey const& key, Bytes const& certificate,
             db::Approval approval = db::Approval::approved, std::string_view behind = {}) {
        db::Client client{.id = ClientId::parse(id).value()};
        client.name = std::string(id.substr(5, 8));
        client.approval = approval;
        client.key_spki = key.spki();
        client.key_sha256 = key.sha256();
        client.signing_certificate = certificate;
        if (!behind.empty()) client.proxy = ClientId::parse(behind).value();
        unwrap(store_->write_and_wait(
            [&](db::Transaction& transaction) { return db::Clients::insert(transaction, client); }));
    }

    std::int64_t add_medium(wire::PublicKey const& key, Bytes const& certificate) {
        db::Medium medium;
        medium.name = "OSD Media Cert";
        medium.key_spki = key.spki();
        medium.key_sha256 = key.sha256();
        medium.certificate = certificate;
        return unwrap(store_->write_and_wait(
            [&](db::Transaction& transaction) { return db::Media::add(transaction, medium); }));
    }

    void block(std::string_view id) {
        unwrap(store_->write_and_wait([&](db::Transaction& transaction) -> Result<bool> {
            auto set = db::Clients::set_approval(transaction, ClientId::parse(id).value(),
                                                 db::Approval::blocked, "manual", now);
            if (!set) return std::unexpected(set.error());
            return true;
        }));
    }

    void remove_media() {
        unwrap(store_->write_and_wait([](db::Transaction& transaction) -> Result<bool> {
            for (auto const& medium : unwrap(db::Media(transaction).list())) {
                auto gone = db::Media::remove(transaction, medium.media_id);
                if (!gone) return std::unexpected(gone.error());
            }
            return true;
        }));
    }

    /// The SMSID, "medium", "nobody" where the request brings nothing, or the reason of the refusal.
    std::string outcome(Asked const& asked, TimePoint when = now) {
        service::BodyCredentials const credentials{
            asked.token,
            asked.token_signature,
            {asked.id, asked.id_signature, asked.time, asked.time_signature},
            asked.certificate};
        auto const requester = store_->read([&](db::Session& session) {
            return service::authenticate_body_request(security, credentials, when, session);
        });
        if (!requester) return std::string(name_of(requester.error().code));
        if (!*requester) return "nobody";
        auto const* client = std::get_if<db::Client>(&**requester);
        return client == nullptr ? "medium" : client->id.text();
    }

    config::Settings::Security security;

private:
    void add(std::string_view id, Key key, db::Approval approval, std::string_view behind = {}) {
        add(id, test_key(key).public_key(), certificate_of(key), approval, behind);
    }

    TemporaryDirectory directory_;
    std::unique_ptr<db::Store> store_ =
        unwrap(db::Store::open({.database = directory_.path() / "pointman.db"}));
};

/// DER of the certificate in a recorded registration.
Bytes registered_certificate(std::string_view number) {
    auto const capture = load_capture(number);
    auto const envelope = decode_envelope(capture);
    auto const payload = unwrap(wire::decrypted_payload(
        envelope, [](BytesView) -> Result<Bytes> { return fail(Code::malformed, "encrypted"); }));
    auto const message = unwrap(wire::open(envelope.header, payload));
    auto const body = text_of(message.body());
    auto const mark = body.find("<Signing");
    REQUIRE(mark != std::string::npos);
    auto const begin = body.find('>', mark) + 1;
    return unwrap(from_hex(std::string_view(body).substr(begin, body.find('<', begin) - begin)));
}

Asked recorded_request(std::string_view number) {
    Asked asked;
    asked.token = recorded_header(number, "ClientToken");
    asked.token_signature = recorded_header(number, "ClientTokenSignature");
    asked.id = recorded_header(number, "CCMClientID");
    asked.id_signature = recorded_header(number, "CCMClientIDSignature");
    asked.time = recorded_header(number, "CCMClientTimestamp");
    asked.time_signature = recorded_header(number, "CCMClientTimestampSignature");
    return asked;
}

} // namespace

TEST_CASE("both generations of headers in every way of signing them") {
    struct Spelling {
        Key key;
        std::string id;
        std::string who;
    };
    std::string const pc(pc1);
    Site site;
    for (auto const& [key, id, who] : {
             Spelling{key_pc1, pc, pc},
             Spelling{key_pc1, "guid:11111111-1111-4111-8111-111111111111", pc},
             Spelling{key_pc1, "{11111111-1111-4111-8111-111111111111}", pc},
             Spelling{key_pc1, "GUID:{11111111-1111-4111-8111-111111111111}", pc},
             Spelling{key_pc1, "11111111-1111-4111-8111-111111111111", pc},
             Spelling{key_medium, std::string(media_id), "medium"},
             Spelling{key_medium, std::string(nobody), "medium"},
             Spelling{key_medium, "no id at all", "medium"},
         }) {
        for (auto const digest : {Digest::sha256, Digest::sha1}) {
            for (bool const bare : {false, true}) {
                for (bool const nul : {false, true}) {
                    CAPTURE(id, digest == Digest::sha1, bare, nul);
                    Way const way{digest, bare, nul};
                    CHECK(site.outcome(newer(key, id, ";2", way)) == who);
                    CHECK(site.outcome(newer(key, id, "", way)) == who);
                    CHECK(site.outcome(older(key, id, way)) == who);
                    CHECK(site.outcome(newer(key_stranger, id, ";2", way)) == "BadSignature");
                    CHECK(site.outcome(older(key_stranger, id, way)) == "BadSignature");
                }
            }
        }
        CHECK(site.outcome(newer(key, id, ";2", {Digest::sha512})) == "BadSignature");
        CHECK(site.outcome(older(key, id, {Digest::sha384})) == "BadSignature");
    }
}

TEST_CASE("the token vectors of policy.md 6 name their client") {
    Site site;
    auto const certificate = unwrap(from_hex(vectors::certificate));
    constexpr std::string_view id = "GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3";
    auto const signature = GENERATE(vectors::token_sha256, vectors::token_sha1, vectors::token_sha256_bare,
                                    vectors::token_sha1_bare);
    Asked asked;
    asked.token = vectors::client_token;
    asked.token_signature = signature;
    auto const then = at("2007-06-01T12:05:00Z");
    CHECK(site.outcome(asked, then) == "BadSignature"); // of nobody's key: media are known
    site.add(id, unwrap(wire::PublicKey::from_certificate(certificate)), certificate);
    CHECK(site.outcome(asked, then) == id);
    CHECK(site.outcome(asked, then + 1h + 1s) == "BadSignature");
    asked.token.back() = '1';
    CHECK(site.outcome(asked, then) == "BadSignature");
}

TEST_CASE("recorded requests for bodies are of the clients that sent them") {
    struct Row {
        std::string number;
        std::string registration; ///< "" = a boot medium's
        std::string who;
        std::string time;
    };
    auto const row = GENERATE(values<Row>({
        {"sccmwtf/06", "sccmwtf/03", "GUID:6399DE84-7FE5-4072-B744-B1D6ED2283C0", "2026-11-22T23:20:52Z"},
        {"sdk/24", "sdk/09", "GUID:935B7780-91E6-4E7D-A008-D7A0A3B13D74", "2026-11-23T00:10:15Z"},
        {"pxethief/03", "", "medium", "2026-11-23T00:09:45Z"},
    }));
    CAPTURE(row.number);
    Site site;
    auto const asked = recorded_request(row.number);
    CHECK(site.outcome(asked, at(row.time)) == "BadSignature");
    auto const certificate =
        row.registration.empty() ? media_certificate() : registered_certificate(row.registration);
    auto const key = unwrap(wire::PublicKey::from_certificate(certificate));
    if (row.registration.empty()) {
        site.add_medium(key, certificate);
    } else {
        site.add(row.who, key, certificate);
    }
    CHECK(site.outcome(asked, at(row.time)) == row.who);
    CHECK(site.outcome(asked, at(row.time) - 2h) == "BadSignature");
}

TEST_CASE("who asks, and who only says so") {
    struct Row {
        std::string name;
        Asked asked;
        std::string_view expected;
    };
    constexpr std::string_view bad = "BadSignature";
    auto const early = now - 1h;
    auto const late = now + 1h;
    std::vector<Row> const rows{
        {"nothing at all", {}, "nobody"},
        // policy.md 5: approval is another's matter.
        {"a client that is not approved", newer(key_pending, pending), pending},
        {"a client that is blocked", newer(key_blocked, blocked), blocked},
        {"a client through its proxy", newer(key_proxy, proxied), proxied},
        {"older, a client through its proxy", older(key_proxy, proxied), proxied},
        {"the proxy itself", newer(key_proxy, proxy), proxy},
        {"a client whose proxy is not registered", newer(key_proxy, orphan), bad},
        {"a proxy in the name of another's client", newer(key_proxy, pc1), bad},
        {"another client's key", newer(key_pc2, pc1), bad},
        {"older, another client's key", older(key_pc2, pc1), bad},
        {"a medium in the name of a client", newer(key_medium, pc1), bad},
        {"older, a medium in the name of a client", older(key_medium, pc1), bad},
        {"nobody who is registered", newer(key_stranger, nobody), bad},
        {"a client under an id that is not its own", newer(key_pc1, nobody), bad},

        {"an hour old", newer(key_pc1, pc1, ";2", {}, early), pc1},
        {"an hour from now", newer(key_pc1, pc1, ";2", {}, late), pc1},
        {"older than an hour", newer(key_pc1, pc1, ";2", {}, early - 1s), bad},
        {"more than an hour from now", newer(key_pc1, pc1, ";2", {}, late + 1s), bad},
        {"older, an hour old", older(key_pc1, pc1, {}, early), pc1},
        {"older, older than an hour", older(key_pc1, pc1, {}, early - 1s), bad},
        {"older, more than an hour from now", older(key_pc1, pc1, {}, late + 1s), bad},
        {"of a medium, older than an hour", newer(key_medium, media_id, "", {}, early - 1s), bad},

        {"no signature", but(newer(key_pc1, pc1), [](Asked& asked) { asked.token_signature = ""; }), bad},
        {"a signature of nothing", but({}, [](Asked& asked) { asked.token_signature = "AB"; }), "nobody"},
        {"a signature that is none",
         but(newer(key_pc1, pc1), [](Asked& asked) { asked.token_signature = "signature"; }), bad},
        {"a signature cut short",
         but(newer(key_pc1, pc1), [](Asked& asked) { asked.token_signature.resize(510); }), bad},
        {"a token without time", but(newer(key_pc1, pc1), [](Asked& asked) { asked.token = pc1; }), bad},
        {"the time changed",
         but(newer(key_pc1, pc1, ";2", {}, early),
             [](Asked& asked) { asked.token = fmt::format("{};{};2", pc1, now_text); }),
         bad},
        {"the third field changed", but(newer(key_pc1, pc1), [](Asked& asked) { asked.token.back() = '1'; }),
         bad},

        {"older, only the id",
         but(older(key_pc1, pc1), [](Asked& asked) { asked.time = asked.time_signature = ""; }), bad},
        {"older, only the time",
         but(older(key_pc1, pc1), [](Asked& asked) { asked.id = asked.id_signature = ""; }), "nobody"},
        {"older, id without signature",
         but(older(key_pc1, pc1), [](Asked& asked) { asked.id_signature = ""; }), bad},
        {"older, time without signature",
         but(older(key_pc1, pc1), [](Asked& asked) { asked.time_signature = ""; }), bad},
        {"older, signatures without texts",
         but(older(key_pc1, pc1), [](Asked& asked) { asked.id = asked.time = ""; }), "nobody"},
        {"older, another time under the signature",
         but(older(key_pc1, pc1, {}, early), [](Asked& asked) { asked.time = now_text; }), bad},
        {"older, signed by two keys",
         but(older(key_pc1, pc1), [](Asked& asked) { asked.time_signature = sign(key_pc2, asked.time); }),
         bad},
        {"older, the time of another client",
         but(older(key_pc1, pc1),
             [](Asked& asked) { asked.time_signature = older(key_medium, media_id).time_signature; }),
         bad},

        {"both generations: the newer counts",
         but(newer(key_pc1, pc1),
             [](Asked& asked) {
                 auto const other = older(key_pc2, pc2);
                 asked.id = other.id;
                 asked.id_signature = other.id_signature;
                 asked.time = other.time;
                 asked.time_signature = other.time_signature;
             }),
         pc1},
        {"both generations, the newer bad",
         but(older(key_pc1, pc1),
             [](Asked& asked) {
                 auto const other = newer(key_stranger, pc1);
                 asked.token = other.token;
                 asked.token_signature = other.token_signature;
             }),
         bad},
    };
    Site site;
    for (auto const& row : rows) {
        INFO(row.name);
        CHECK(site.outcome(row.asked) == row.expected);
    }
}

TEST_CASE("the certificate of the connection speaks where no headers do") {
    struct Row {
        std::string name;
        Asked asked;
        std::string_view expected;
    };
    std::vector<Row> const rows{
        {"of a client", with_certificate(key_pc1), pc1},
        {"of a client that is not approved", with_certificate(key_pending), pending},
        {"of a proxy, which has its clients' key", with_certificate(key_proxy), proxy},
        {"of a boot medium", with_certificate(key_medium), "medium"},
        {"of nobody", with_certificate(key_stranger), "UnknownClient"},
        {"that is none", but({}, [](Asked& asked) { asked.certificate = to_bytes("certificate"); }),
         "Malformed"},
        {"headers of another client win", with_certificate(key_pc1, newer(key_pc2, pc2)), pc2},
        {"older headers of another client win", with_certificate(key_pc1, older(key_pc2, pc2)), pc2},
        {"headers of a medium win", with_certificate(key_pc1, newer(key_medium, media_id)), "medium"},
        {"headers that are bad win", with_certificate(key_pc1, newer(key_stranger, pc1)), "BadSignature"},
        {"headers too old win", with_certificate(key_pc1, older(key_pc1, pc1, {}, now - 2h)), "BadSignature"},
        {"headers that say nothing do not",
         with_certificate(key_pc1, but({}, [](Asked& asked) { asked.time = now_text; })), pc1},
    };
    Site site;
    for (auto const& row : rows) {
        INFO(row.name);
        CHECK(site.outcome(row.asked) == row.expected);
    }
    // The key alone is not the certificate: another one for the same key was not registered.
    CertificateOptions another;
    another.common_name = "ANOTHER";
    Asked asked;
    asked.certificate = self_signed_certificate(test_key(key_pc1), another);
    CHECK(site.outcome(asked) == "UnknownClient");
    asked.certificate = self_signed_certificate(test_key(key_medium), another);
    CHECK(site.outcome(asked) == "UnknownClient");
}

TEST_CASE("what an operator changes holds for the next request") {
    Site site;
    auto const by_proxy = newer(key_proxy, proxied);
    auto const by_medium = newer(key_medium, media_id);
    CHECK(site.outcome(by_proxy) == proxied);
    site.block(proxy);
    CHECK(site.outcome(by_proxy) == "Blocked");
    CHECK(site.outcome(newer(key_pc1, pc1)) == pc1);

    CHECK(site.outcome(by_medium) == "medium");
    site.remove_media();
    CHECK(site.outcome(by_medium) == "UnknownClient");
    CHECK(site.outcome(with_certificate(key_medium)) == "UnknownClient");

    auto const old = newer(key_pc1, pc1, ";2", {}, now - 2h);
    CHECK(site.outcome(old) == "BadSignature");
    site.security.token_tolerance = 2h;
    CHECK(site.outcome(old) == pc1);
}
