// SPDX-License-Identifier: Apache-2.0
#include "server/wire/client_auth.hpp"

#include "base/hex.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"

namespace pointman::wire {

namespace {

std::unexpected<Error> refuse(std::string_view property, std::string_view why) {
    return fail(Code::bad_signature, "message signature not accepted",
                std::string(property) + ": " + std::string(why));
}

/// The spellings under which one id is signed: as sent, then those of interfaces and clients (wire.md 6).
std::vector<std::string> spellings(std::string_view source_id) {
    std::vector<std::string> texts{std::string(source_id)};
    if (auto const id = ClientId::parse(source_id)) {
        std::string const uuid(id->uuid());
        texts.push_back("GUID:" + uuid);
        texts.push_back("GUID:{" + uuid + "}");
        texts.push_back("{" + uuid + "}");
    }
    return texts;
}

Result<Digest> digest_named_by(Hook const& hook) {
    if (auto const digest = digest_of(hook.property("HashAlgorithm").value_or(""))) return *digest;
    return refuse("HashAlgorithm", "not known");
}

} // namespace

SenderProof prove_sender(PrivateKey const& key, std::string_view source_id, Digest digest) {
    return {.public_key = key.public_key().blob(), .id_signature = key.sign(signed_text(source_id), digest)};
}

Hook make_client_auth(SenderProof const& sender, std::string_view sender_machine, BytesView payload_signature,
                      Digest digest) {
    return {.element = "Hook2",
            .name = "clientauth",
            .properties = {{"AuthSenderMachine", std::string(sender_machine)},
                           {"PublicKey", to_hex(sender.public_key)},
                           {"ClientIDSignature", to_hex(sender.id_signature)},
                           {"PayloadSignature", to_hex(payload_signature)},
                           {"ClientCapabilities", "NonSSL"},
                           {"HashAlgorithm", std::string(signature_oid(digest))}}};
}

Hook make_client_auth(PrivateKey const& key, std::string_view source_id, std::string_view sender_machine,
                      BytesView signed_payload, Digest digest) {
    return make_client_auth(prove_sender(key, source_id, digest), sender_machine,
                            key.sign(signed_payload, digest), digest);
}

Result<void> verify_payload_signature(Hook const& hook, PublicKey const& registered,
                                      BytesView signed_payload) {
    constexpr std::string_view name = "PayloadSignature";
    auto const digest = digest_named_by(hook);
    if (!digest) return std::unexpected(digest.error());
    auto const text = hook.property(name);
    if (!text) return refuse(name, "missing");
    auto const signature = from_hex(*text);
    if (!signature) return refuse(name, "not hexadecimal");
    if (!registered.verify(signed_payload, *signature, *digest, true)) return refuse(name, "does not verify");
    return {};
}

Result<void> verify_id_signature(Hook const& hook, PublicKey const& registered, std::string_view source_id) {
    constexpr std::string_view name = "ClientIDSignature";
    auto const digest = digest_named_by(hook);
    if (!digest) return std::unexpected(digest.error());
    auto const text = hook.property(name);
    if (!text) return {};
    auto const signature = from_hex(*text);
    if (!signature) return refuse(name, "not hexadecimal");
    for (auto const& spelling : spellings(source_id))
        if (registered.verify(signed_text(spelling), *signature, *digest, true)) return {};
    return refuse(name, "does not verify");
}

} // namespace pointman::wire
