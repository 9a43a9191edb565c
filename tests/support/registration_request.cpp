// SPDX-License-Identifier: Apache-2.0
#include "tests/support/registration_request.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "server/wire/utf16.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace pointman::test {

namespace {

struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};

void require(bool done, char const* what) {
    if (!done) throw std::runtime_error(what);
}

void add_extension(X509* certificate, int nid, std::string const& value) {
    std::unique_ptr<X509_EXTENSION, Free> const extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "cannot add an extension");
}

void set_names(X509* certificate, std::string const& common_name) {
    auto* const subject = X509_get_subject_name(certificate);
    require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                       reinterpret_cast<unsigned char const*>(common_name.data()),
                                       static_cast<int>(common_name.size()), -1, 0) == 1,
            "cannot set the subject");
    require(X509_set_issuer_name(certificate, subject) == 1, "cannot set the issuer");
}

void set_validity(X509* certificate, CertificateOptions const& options) {
    ASN1_TIME_set(X509_getm_notBefore(certificate), options.not_before.time_since_epoch().count());
    ASN1_TIME_set(X509_getm_notAfter(certificate), options.not_after.time_since_epoch().count());
}

std::string joined(std::vector<std::string> const& parts) {
    std::string text;
    for (auto const& part : parts) text += (text.empty() ? "" : ",") + part;
    return text;
}

Bytes to_der(X509 const* certificate) {
    unsigned char* out = nullptr;
    int const length = i2d_X509(certificate, &out);
    require(length > 0, "cannot encode the certificate");
    auto const view = std::as_bytes(std::span(out, static_cast<std::size_t>(length)));
    Bytes der(view.begin(), view.end());
    OPENSSL_free(out);
    return der;
}

std::string certificate_element(std::string_view name, Bytes const& der) {
    if (der.empty()) return {};
    return fmt::format(R"(<{0} Encoding="HexBinary" KeyType="1">{1}</{0}>)", name, to_hex(der));
}

std::string certificates_element(RegistrationRequest const& request) {
    if (request.signing_certificate.empty() && request.encryption_certificate.empty()) return {};
    return "<Certificates>" + certificate_element("Encryption", request.encryption_certificate) +
           request.between + certificate_element("Signing", request.signing_certificate) + "</Certificates>" +
           request.between;
}

std::string properties_element(RegistrationRequest const& request) {
    if (request.properties.empty()) return {};
    std::string text = "<DiscoveryProperties>";
    for (auto const& [name, value] : request.properties) {
        text += fmt::format(R"(<Property Name="{}" Value="{}" />)", escape_xml(name), escape_xml(value));
    }
    return text + "</DiscoveryProperties>" + request.between;
}

std::string data_attributes(RegistrationRequest const& request) {
    std::string text;
    if (request.hash) text += fmt::format(R"( HashAlgorithm="{}")", wire::signature_oid(*request.hash));
    text += fmt::format(R"( SMSID="{}" RequestType="{}" TimeStamp="{}")", escape_xml(request.smsid),
                        request.type, request.time);
    if (request.hint_as_attribute) text += fmt::format(R"( RegistrationHint="{}")", request.hint);
    return text;
}

} // namespace

Bytes self_signed_certificate(wire::PrivateKey const& key, CertificateOptions const& options) {
    std::unique_ptr<X509, Free> const certificate(X509_new());
    require(certificate != nullptr, "cannot make a certificate");
    auto* const x509 = certificate.get();
    require(X509_set_version(x509, 2) == 1, "cannot set the version"); // 2 means v3
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    set_names(x509, options.common_name);
    set_validity(x509, options);
    require(X509_set_pubkey(x509, key.handle()) == 1, "cannot set the key");
    add_extension(x509, NID_key_usage, "digitalSignature,dataEncipherment");
    if (!options.purposes.empty()) add_extension(x509, NID_ext_key_usage, joined(options.purposes));
    require(X509_sign(x509, key.handle(), EVP_sha256()) > 0, "cannot sign the certificate");
    return to_der(x509);
}

Properties discovery_properties(std::string_view netbios_name, std::string_view fqdn) {
    return {{"Netbios Name", std::string(netbios_name)},
            {"FQ Name", std::string(fqdn)},
            {"Locale ID", "1033"},
            {"InternetFlag", "0"}};
}

RegistrationRequest registration_of(wire::PrivateKey const& key, std::string_view netbios_name) {
    RegistrationRequest request;
    request.signing_certificate = self_signed_certificate(key, {.common_name = std::string(netbios_name)});
    request.encryption_certificate = request.signing_certificate;
    request.properties = discovery_properties(netbios_name, std::string(netbios_name) + ".lab.example");
    return request;
}

RegistrationRequest confirmation_of(std::string_view smsid) {
    RegistrationRequest request;
    request.type = "Confirmation";
    request.smsid = smsid;
    request.signer_smsid = smsid;
    request.properties.clear();
    return request;
}

std::string data_element(RegistrationRequest const& request) {
    auto text = fmt::format("<Data{}>", data_attributes(request)) + request.between;
    text += fmt::format(R"(<AgentInformation AgentIdentity="{}" AgentVersion="{}" AgentType="{}" />)",
                        escape_xml(request.agent_identity), escape_xml(request.agent_version),
                        request.agent_type);
    text += request.between + certificates_element(request) + properties_element(request);
    if (!request.hint.empty() && !request.hint_as_attribute) {
        text += fmt::format("<RegistrationHint>{}</RegistrationHint>", request.hint) + request.between;
    }
    return text + "</Data>";
}

std::string signature_value(wire::PrivateKey const& signer, std::string_view data, wire::Digest digest) {
    return to_hex(signer.sign(wire::to_utf16le(data), digest));
}

std::string request_around(std::string_view data, std::string_view signature, std::string_view signer_smsid) {
    auto const signer =
        signer_smsid.empty() ? std::string() : fmt::format(R"( SMSID="{}")", escape_xml(signer_smsid));
    return fmt::format(
        "<ClientRegistrationRequest>{}<Signature{}><SignatureValue>{}</SignatureValue></Signature>"
        "</ClientRegistrationRequest>",
        data, signer, signature);
}

std::string signed_request(wire::PrivateKey const& signer, RegistrationRequest const& request) {
    auto const data = data_element(request);
    auto const digest = request.hash.value_or(wire::Digest::sha1);
    return request_around(data, signature_value(signer, data, digest), request.signer_smsid);
}

std::string registration_hint(wire::PrivateKey const& registered, std::string_view smsid, wire::Digest digest,
                              bool with_nul) {
    return to_hex(registered.sign(with_nul ? wire::signed_text(smsid) : wire::to_utf16le(smsid), digest));
}

} // namespace pointman::test
