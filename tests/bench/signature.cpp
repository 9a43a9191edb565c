// SPDX-License-Identifier: Apache-2.0
// What it costs to verify a signed message whose XML body has 2.5 KB of characters, against OpenSSL's own
// verification of the same signature with the same key. Exits with 1 where it costs more than twice as much.
#include "base/hex.hpp"
#include "server/service/signer.hpp"
#include "server/wire/message.hpp"
#include "tests/bench/figure.hpp"
#include "tests/bench/medians.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <ranges>

namespace {

using namespace pointman;

constexpr std::string_view sender = "GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3";

/// A signed message as it arrives, and the client that it is from.
struct Received {
    Bytes body;
    wire::Envelope envelope; ///< views of `body`
    db::Client client;
};

wire::PrivateKey const& client_key() {
    static auto const key = wire::PrivateKey::generate(2048);
    return key;
}

std::string xml_of_size(std::size_t characters) {
    std::string xml = "<Report>";
    for (unsigned i = 0; xml.size() < characters; ++i) {
        xml += fmt::format("<Instance Class=\"C{0}\"><C{0}><Name>{1:x}</Name></C{0}></Instance>", i,
                           i * 2654435761U);
    }
    return xml + "</Report>";
}

Received make_received() {
    auto const& key = client_key();
    wire::OutgoingRequest request;
    request.header.source_id = sender;
    request.header.target_endpoint = "MP_HinvEndpoint";
    request.xml = xml_of_size(2500);
    request.sign = [&key](BytesView payload) { return wire::make_client_auth(key, sender, "PC", payload); };
    Received made{.body = wire::encode_request(std::move(request)),
                  .envelope = {},
                  .client = db::Client{.id = ClientId::parse(sender).value()}};
    made.envelope = std::get<wire::Envelope>(wire::decode(wire::content_type, made.body).value());
    made.client.key_spki = key.public_key().spki();
    made.client.key_sha256 = key.public_key().sha256();
    return made;
}

Received const& received() {
    static Received const message = make_received();
    return message;
}

void openssl_verify(benchmark::State& state) {
    auto const& message = received();
    auto const* hook = message.envelope.header.hook("clientauth");
    auto signature = from_hex(hook->property("PayloadSignature").value()).value();
    std::ranges::reverse(signature);
    auto* const key = client_key().handle();
    for ([[maybe_unused]] auto const round : state) {
        EVP_MD_CTX* const context = EVP_MD_CTX_new();
        EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key);
        int const good = EVP_DigestVerify(
            context, reinterpret_cast<unsigned char const*>(signature.data()), signature.size(),
            reinterpret_cast<unsigned char const*>(message.envelope.payload.data()),
            message.envelope.payload.size());
        EVP_MD_CTX_free(context);
        if (good != 1) state.SkipWithError("the signature does not verify");
    }
}

void verify_message(benchmark::State& state) {
    auto const& message = received();
    auto const* hook = message.envelope.header.hook("clientauth");
    for ([[maybe_unused]] auto const round : state) {
        auto const verified = service::verify_signatures(*hook, message.client, sender,
                                                         message.envelope.payload, endpoints::Delivery::post);
        if (!verified) state.SkipWithError("the signature does not verify");
    }
}

/// What a client repeats, as it does when it asks for policy.
void verify_message_again(benchmark::State& state) {
    auto const& message = received();
    auto const* hook = message.envelope.header.hook("clientauth");
    for ([[maybe_unused]] auto const round : state) {
        auto const verified = service::verify_signatures(
            *hook, message.client, sender, message.envelope.payload, endpoints::Delivery::invoke);
        if (!verified) state.SkipWithError("the signature does not verify");
    }
}

/// A client's first message: nothing is remembered of it.
void verify_first_message(benchmark::State& state) {
    auto const& message = received();
    auto const* hook = message.envelope.header.hook("clientauth");
    for ([[maybe_unused]] auto const round : state) {
        auto const key = wire::PublicKey::from_spki(message.client.key_spki);
        bool const good = wire::verify_payload_signature(*hook, *key, message.envelope.payload) &&
                          wire::verify_id_signature(*hook, *key, sender);
        if (!good) state.SkipWithError("the signature does not verify");
    }
}

constexpr double least = 0.5; ///< of OpenSSL's rate
constexpr int repetitions = 9;
BENCHMARK(openssl_verify)->Repetitions(repetitions)->ReportAggregatesOnly();
BENCHMARK(verify_message)->Repetitions(repetitions)->ReportAggregatesOnly();
BENCHMARK(verify_message_again)->Repetitions(repetitions)->ReportAggregatesOnly();
BENCHMARK(verify_first_message)->Repetitions(repetitions)->ReportAggregatesOnly();

} // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    bench::Medians medians;
    benchmark::RunSpecifiedBenchmarks(&medians);
    auto const floor = medians.of("openssl_verify");
    fmt::print("\nA signed message costs {:.2f} times OpenSSL's own verification (first of a client: {:.2f}, "
               "repeated: {:.2f}).\n",
               medians.of("verify_message") / floor, medians.of("verify_first_message") / floor,
               medians.of("verify_message_again") / floor);
    constexpr double nanoseconds = 1e9;
    auto const rate = [&medians](char const* name) { return nanoseconds / medians.of(name); };
    bool const good = bench::put_down({"signed message verified", rate("verify_message"),
                                       "OpenSSL's bare verification", rate("openssl_verify"), least});
    bench::put_down({"the same, first of a client", rate("verify_first_message"),
                     "OpenSSL's bare verification", rate("openssl_verify"), 0});
    return good ? 0 : 1;
}
