// SPDX-License-Identifier: Apache-2.0
// Real handshakes with the server, in the versions and with the keys that clients have.
#include "server/tls/client_trust.hpp"
#include "server/tls/contexts.hpp"
#include "server/tls/lab_pki.hpp"
#include "server/tls/pem.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/test_pki.hpp"
#include "tests/unit/http/harness.hpp"

#include <catch2/catch.hpp>
#include <openssl/ssl.h>

#include <fstream>
#include <list>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;

namespace {

using ClientContext = std::unique_ptr<SSL_CTX, tls::Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL_SESSION, tls::Freed<SSL_SESSION_free>>;

/// Keys are made once for all tests.
struct Pki {
    TemporaryDirectory directory;
    SystemClock clock;
    tls::LabPki files = *tls::ensure_lab_pki(directory.path(), "LAB", {"localhost", "127.0.0.1"}, clock);
};

Pki const& pki() {
    static Pki const keys;
    return keys;
}

tls::Options options(config::TlsProfile profile = config::TlsProfile::intermediate) {
    auto const& files = pki().files;
    return {.certificates = {files.server_rsa, files.server_p256},
            .private_keys = {files.server_rsa_key, files.server_p256_key},
            .profile = profile};
}

/// Knows the lab's authority and checks the server's address.
ClientContext client_context(int version = 0, char const* signatures = nullptr) {
    ClientContext context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_load_verify_file(context.get(), pki().files.ca.c_str());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    if (version != 0 && version < TLS1_2_VERSION) SSL_CTX_set_security_level(context.get(), 0);
    if (signatures != nullptr) REQUIRE(SSL_CTX_set1_sigalgs_list(context.get(), signatures) == 1);
    return context;
}

/// A TLS connection over a blocking socket.
class TlsClient {
public:
    TlsClient(std::string const& address, SSL_CTX* context, SSL_SESSION* session = nullptr)
        : socket_(address)
        , ssl_(SSL_new(context)) {
        SSL_set_fd(ssl_.get(), socket_.descriptor());
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), "127.0.0.1");
        if (session != nullptr) SSL_set_session(ssl_.get(), session);
    }
    bool handshake() {
        bool const done = SSL_connect(ssl_.get()) == 1;
        ERR_clear_error();
        return done;
    }
    std::string request(std::string_view bytes) {
        SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
        std::string answer;
        std::array<char, 4096> piece{};
        for (int count = 1; count > 0;) {
            count = SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size()));
            if (count > 0) answer.append(piece.data(), static_cast<std::size_t>(count));
        }
        ended_well = SSL_get_error(ssl_.get(), 0) == SSL_ERROR_ZERO_RETURN;
        ERR_clear_error();
        return answer;
    }
    SSL* get() { return ssl_.get(); }
    bool ended_well = false; ///< the server said that nothing more comes

private:
    Client socket_;
    std::unique_ptr<SSL, tls::Freed<SSL_free>> ssl_;
};

constexpr std::string_view ask = "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n";

int server_key_type(SSL* ssl) {
    tls::Certificate const certificate(SSL_get1_peer_certificate(ssl));
    return certificate ? EVP_PKEY_get_base_id(X509_get0_pubkey(certificate.get())) : 0;
}

} // namespace

TEST_CASE("Versions and keys") {
    using config::TlsProfile;
    struct Row {
        std::string name;
        TlsProfile profile;
        int version;
        char const* signatures;
        int key; ///< 0: the handshake fails
    };
    char const* const rsa = "RSA-PSS+SHA256:RSA+SHA256";
    char const* const ecdsa = "ECDSA+SHA256";
    Row const rows[] = {
        {"1.2, RSA only", TlsProfile::intermediate, TLS1_2_VERSION, rsa, EVP_PKEY_RSA},
        {"1.2, ECDSA only", TlsProfile::intermediate, TLS1_2_VERSION, ecdsa, EVP_PKEY_EC},
        {"1.3, RSA only", TlsProfile::intermediate, TLS1_3_VERSION, rsa, EVP_PKEY_RSA},
        {"1.3, ECDSA only", TlsProfile::intermediate, TLS1_3_VERSION, ecdsa, EVP_PKEY_EC},
        {"1.1 is too old", TlsProfile::intermediate, TLS1_1_VERSION, nullptr, 0},
        {"modern: 1.3", TlsProfile::modern, TLS1_3_VERSION, rsa, EVP_PKEY_RSA},
        {"modern: no 1.2", TlsProfile::modern, TLS1_2_VERSION, rsa, 0},
        {"legacy: 1.0", TlsProfile::legacy, TLS1_VERSION, nullptr, EVP_PKEY_EC},
        {"legacy: 1.1", TlsProfile::legacy, TLS1_1_VERSION, nullptr, EVP_PKEY_EC},
        {"legacy: 1.3", TlsProfile::legacy, TLS1_3_VERSION, ecdsa, EVP_PKEY_EC},
    };
    for (auto const& row : rows) {
        DYNAMIC_SECTION(row.name) {
            auto contexts = tls::Contexts::load(options(row.profile));
            REQUIRE(contexts);
            Harness harness;
            harness.listen(contexts->get());
            auto const context = client_context(row.version, row.signatures);
            TlsClient client(harness.address, context.get());
            CHECK(client.handshake() == (row.key != 0));
            if (row.key == 0) {
                CHECK(harness.reaches(harness.counters().handshake_failures, 1));
                continue;
            }
            CHECK(server_key_type(client.get()) == row.key);
            CHECK(body_of(client.request(ask)) == "GET /x ");
            CHECK(client.ended_well);
        }
    }
}

TEST_CASE("A session is resumed by its ticket, and the certificate shown first is still known") {
    auto const version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    auto contexts = tls::Contexts::load(options());
    REQUIRE(contexts);
    Harness harness({}, [](http::Request const& request) -> boost::asio::awaitable<http::Response> {
        http::Response response;
        response.body = request.tls_peer->certificate();
        response.headers.emplace_back("X-Tls", request.tls ? "yes" : "no");
        co_return response;
    });
    harness.listen(contexts->get());
    auto const context = client_context(version);
    // Any certificate is taken: who it belongs to is decided later.
    auto const& files = pki().files;
    REQUIRE(SSL_CTX_use_certificate_file(context.get(), files.site_signing.c_str(), SSL_FILETYPE_PEM) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context.get(), files.site_signing_key.c_str(), SSL_FILETYPE_PEM) ==
            1);
    auto const chain = tls::read_certificates(files.site_signing);
    REQUIRE(chain);
    unsigned char* der = nullptr;
    auto const size = i2d_X509(chain->front().get(), &der);
    std::string const shown(reinterpret_cast<char const*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);

    TlsClient first(harness.address, context.get());
    REQUIRE(first.handshake());
    auto const answer = first.request(ask);
    CHECK(header_of(answer, "X-Tls") == "yes");
    CHECK(body_of(answer) == shown);
    Session const session(SSL_get1_session(first.get()));
    CHECK(SSL_session_reused(first.get()) == 0);

    TlsClient second(harness.address, context.get(), session.get());
    REQUIRE(second.handshake());
    CHECK(SSL_session_reused(second.get()) == 1);
    CHECK(body_of(second.request(ask)) == shown);
}

namespace {

/// A root, a CA below it and a client's certificate below that; the server knows the root alone.
class Storeys {
public:
    Storeys() {
        auto const file = directory_.path() / "ca.pem";
        std::ofstream(file) << root.pem();
        tls::TrustOptions options;
        options.authorities = {file};
        trust_ = std::move(*tls::ClientTrust::load(options, clock_));
    }

    /// Answers "trusted" or why not.
    http::Handler handler() {
        return [this](http::Request const& request) -> boost::asio::awaitable<http::Response> {
            auto const& trusted = trust_->judge(*request.tls_peer);
            http::Response response;
            response.body = to_bytes(trusted ? std::string("trusted") : trusted.error().message);
            co_return response;
        };
    }

    /// Shows the client's certificate and the CAs given.
    void show(SSL_CTX* context, std::vector<X509*> const& chain) const {
        REQUIRE(SSL_CTX_use_certificate(context, client.certificate.get()) == 1);
        REQUIRE(SSL_CTX_use_PrivateKey(context, client.key.get()) == 1);
        for (auto* const certificate : chain) REQUIRE(SSL_CTX_add1_chain_cert(context, certificate) == 1);
    }

    TestAuthority root = TestAuthority::root("Root");
    TestAuthority issuing = root.below("Issuing");
    Credentials client = issuing.issue();

private:
    TemporaryDirectory directory_;
    ManualClock clock_{pki_time};
    std::unique_ptr<tls::ClientTrust> trust_;
};

} // namespace

TEST_CASE("A resumed session is trusted by the intermediates that its first handshake showed") {
    auto const version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    auto contexts = tls::Contexts::load(options());
    REQUIRE(contexts);
    Storeys storeys;
    Harness harness({}, storeys.handler());
    harness.listen(contexts->get());
    auto const context = client_context(version);
    storeys.show(context.get(), {storeys.issuing.certificate()});

    Session session;
    std::list<TlsClient> clients; // kept: with a destroyed one goes its session
    for (int handshake = 0; handshake < 3; ++handshake) {
        INFO(handshake);
        auto& client = clients.emplace_back(harness.address, context.get(), session.get());
        REQUIRE(client.handshake());
        CHECK(SSL_session_reused(client.get()) == (handshake == 0 ? 0 : 1));
        CHECK(body_of(client.request(ask)) == "trusted");
        session.reset(SSL_get1_session(client.get()));
    }
}

TEST_CASE("A chain of twenty is kept out of memory and out of tickets") {
    auto const version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    auto contexts = tls::Contexts::load(options());
    REQUIRE(contexts);
    Storeys storeys;
    Harness harness({}, storeys.handler());
    harness.listen(contexts->get());
    auto const context = client_context(version);
    storeys.show(context.get(), std::vector<X509*>(19, storeys.issuing.certificate()));

    Session session;
    std::list<TlsClient> clients; // kept: with a destroyed one goes its session
    for (int handshake = 0; handshake < 2; ++handshake) {
        auto& client = clients.emplace_back(harness.address, context.get(), session.get());
        REQUIRE(client.handshake());
        CHECK(SSL_session_reused(client.get()) == 0);
        CHECK_THAT(std::string(body_of(client.request(ask))),
                   Catch::StartsWith("the certificate is not trusted: more than 8"));
        session.reset(SSL_get1_session(client.get()));
    }
}

TEST_CASE("A client that sends certificates without end gets no connection") {
    auto contexts = tls::Contexts::load(options());
    REQUIRE(contexts);
    Storeys storeys;
    Harness harness({}, storeys.handler());
    harness.listen(contexts->get());
    auto const context = client_context();
    auto const size = storeys.issuing.der().size();
    storeys.show(context.get(), std::vector<X509*>(64UL * 1024 / size + 1, storeys.issuing.certificate()));
    TlsClient client(harness.address, context.get());
    client.handshake(); // in TLS 1.3 the client is done before the server has read its certificates
    CHECK(client.request(ask).empty());
    CHECK(harness.reaches(harness.counters().handshake_failures, 1));
}

TEST_CASE("Where no certificates are wanted none are asked for") {
    auto chosen = options();
    chosen.ask_for_certificates = false;
    auto contexts = tls::Contexts::load(chosen);
    REQUIRE(contexts);
    Storeys storeys;
    Harness harness({}, [](http::Request const& request) -> boost::asio::awaitable<http::Response> {
        http::Response response;
        response.body = to_bytes(request.tls_peer->has_certificate() ? "some" : "none");
        co_return response;
    });
    harness.listen(contexts->get());
    auto const context = client_context();
    storeys.show(context.get(), {});
    TlsClient client(harness.address, context.get());
    REQUIRE(client.handshake());
    CHECK(body_of(client.request(ask)) == "none");
}

TEST_CASE("Without a client certificate the request says so") {
    auto contexts = tls::Contexts::load(options());
    REQUIRE(contexts);
    Harness harness({}, [](http::Request const& request) -> boost::asio::awaitable<http::Response> {
        http::Response response;
        response.body = to_bytes(request.tls_peer->has_certificate() ? "some" : "none");
        co_return response;
    });
    harness.listen(contexts->get());
    auto const context = client_context();
    TlsClient client(harness.address, context.get());
    REQUIRE(client.handshake());
    CHECK(body_of(client.request(ask)) == "none");
}

TEST_CASE("HTTP/1.1 is chosen where protocols are offered") {
    auto contexts = tls::Contexts::load(options());
    REQUIRE(contexts);
    Harness harness;
    harness.listen(contexts->get());
    auto const context = client_context();
    constexpr std::string_view offered = "\x02h2\x08http/1.1";
    auto const* const bytes = reinterpret_cast<unsigned char const*>(offered.data());
    REQUIRE(SSL_CTX_set_alpn_protos(context.get(), bytes, offered.size()) == 0);
    TlsClient client(harness.address, context.get());
    REQUIRE(client.handshake());
    unsigned char const* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(client.get(), &chosen, &length);
    CHECK(std::string_view(reinterpret_cast<char const*>(chosen), length) == "http/1.1");
}

TEST_CASE("A client that does not finish the handshake is cut off") {
    auto contexts = tls::Contexts::load(options());
    REQUIRE(contexts);
    http::Limits limits;
    limits.handshake_timeout = 60ms;
    Harness harness(limits);
    harness.listen(contexts->get());
    auto client = harness.connect();
    REQUIRE(client.send(std::string_view("\x16\x03\x01\x02\x00", 5)));
    CHECK(client.at_end());
    CHECK(harness.counters().timeouts == 1);
    CHECK(harness.reaches(harness.counters().open, 0));
}

TEST_CASE("Faults of certificate files are named") {
    TemporaryDirectory const directory;
    auto const& files = pki().files;
    auto const text = directory.path() / "text.pem";
    std::ofstream(text) << "hello\n";
    auto const cut = directory.path() / "cut.pem";
    std::ofstream(cut) << read_text(files.server_rsa).substr(0, 200) << "\n-----END CERTIFICATE-----\n";
    auto const absent = directory.path() / "absent.pem";
    struct Row {
        std::string name;
        tls::Options options;
        std::string words;
    };
    Row const rows[] = {
        {"no file", {{absent}, {files.server_rsa_key}}, "absent.pem: No such file"},
        {"no key file", {{files.server_rsa}, {absent}}, "absent.pem: No such file"},
        {"no PEM", {{text}, {files.server_rsa_key}}, "text.pem holds no certificate"},
        {"damaged", {{cut}, {files.server_rsa_key}}, "cut.pem is damaged"},
        {"no key in the file", {{files.server_rsa}, {text}}, "text.pem holds no private key"},
        {"another key", {{files.server_rsa}, {files.mp_signing_key}}, "does not belong to the certificate"},
        {"a key of another type",
         {{files.server_rsa}, {files.server_p256_key}},
         "does not belong to the certificate"},
        {"two of a type",
         {{files.server_rsa, files.mp_signing}, {files.server_rsa_key, files.mp_signing_key}},
         "keys of the same type"},
        {"a key too few",
         {{files.server_rsa, files.server_p256}, {files.server_rsa_key}},
         "2 certificates, but 1"},
        {"nothing", {{}, {}}, "needs a certificate"},
    };
    for (auto const& row : rows) {
        DYNAMIC_SECTION(row.name) {
            auto const contexts = tls::Contexts::load(row.options);
            REQUIRE(!contexts);
            CHECK(contexts.error().code == Code::usage);
            CHECK_THAT(contexts.error().message, Catch::Contains(row.words));
        }
    }
}

TEST_CASE("A reload takes new files, and keeps the old ones where the new are bad") {
    TemporaryDirectory const directory;
    auto const& files = pki().files;
    auto const certificate = directory.path() / "server.pem";
    auto const key = directory.path() / "server.key";
    std::filesystem::copy_file(files.server_rsa, certificate);
    std::filesystem::copy_file(files.server_rsa_key, key);
    auto contexts = tls::Contexts::load({{certificate}, {key}});
    REQUIRE(contexts);
    Harness harness;
    harness.listen(contexts->get());
    auto const context = client_context();
    auto const key_type = [&] {
        TlsClient client(harness.address, context.get());
        return client.handshake() ? server_key_type(client.get()) : 0;
    };
    CHECK(key_type() == EVP_PKEY_RSA);

    std::ofstream(certificate) << "rubbish";
    auto const before = (*contexts)->current();
    auto const failed = (*contexts)->reload();
    REQUIRE(!failed);
    CHECK_THAT(failed.error().message, Catch::Contains("server.pem"));
    CHECK((*contexts)->current() == before);
    CHECK(key_type() == EVP_PKEY_RSA);

    auto const overwrite = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(files.server_p256, certificate, overwrite);
    std::filesystem::copy_file(files.server_p256_key, key, overwrite);
    REQUIRE((*contexts)->reload());
    CHECK(key_type() == EVP_PKEY_EC);
}
