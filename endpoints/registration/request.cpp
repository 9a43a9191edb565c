// SPDX-License-Identifier: Apache-2.0
#include "endpoints/registration/request.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "endpoints/registration/signed_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace pointman::endpoints::registration {

namespace {

using schemas::Element;

std::unexpected<Error> missing(SignedData const& data, Element where, std::string_view field) {
    return data.refuse(where, Code::schema_violation, fmt::format("{} is missing", field));
}

/// What the steps below read from.
struct Source {
    SignedData const& data;
    schemas::Document const& document;
    config::Settings const& settings;
};

Result<void> read_data_attributes(Source const& source, Request& request) {
    auto const& data = source.data;
    auto const root = data.root();
    auto const type = root.attribute("RequestType");
    if (!type) return missing(data, root, "Data/@RequestType");
    auto const known = request_type_of(*type);
    if (!known) {
        return data.refuse(
            root, Code::schema_violation,
            fmt::format("Data/@RequestType is '{}', neither Registration nor Confirmation", *type));
    }
    request.type = *known;

    auto const hash = trim(root.attribute_or("HashAlgorithm", ""));
    request.names_hash = !hash.empty();
    auto const digest = wire::digest_of(hash);
    if (!digest) {
        return data.refuse(root, Code::bad_signature,
                           fmt::format("Data/@HashAlgorithm '{}' is not known", hash));
    }
    request.digest = *digest;
    return {};
}

Result<void> read_smsid(Source const& source, Request& request) {
    auto const& data = source.data;
    auto const root = data.root();
    auto const smsid = root.attribute("SMSID");
    if (!smsid) return missing(data, root, "Data/@SMSID");
    request.smsid_as_sent = trim(*smsid);
    if (request.smsid_as_sent.empty()) {
        if (request.type == RequestType::registration) return {};
        return missing(data, root, "Data/@SMSID of a confirmation");
    }
    auto parsed = ClientId::parse(request.smsid_as_sent);
    if (!parsed) return data.refuse(root, Code::schema_violation, "Data/@SMSID is no SMSID");
    request.smsid = std::move(*parsed);
    return {};
}

Result<void> read_agent(Source const& source, Request& request) {
    auto const& data = source.data;
    auto const agent = data.root().child("AgentInformation");
    if (!agent) return missing(data, data.root(), "AgentInformation");
    auto const type = agent->attribute("AgentType");
    if (!type || trim(*type).empty()) return missing(data, *agent, "AgentInformation/@AgentType");
    auto const digits = trim(*type);
    auto const [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), request.agent_type);
    if (error != std::errc{} || end != digits.data() + digits.size() || request.agent_type < 0) {
        return data.refuse(*agent, Code::schema_violation, "AgentInformation/@AgentType is no number");
    }
    request.agent_version = agent->attribute_or("AgentVersion", "");
    request.agent_identity = agent->attribute_or("AgentIdentity", "");
    return {};
}

/// The certificate in `Certificates/<name>`; nullopt where the client sent none.
Result<std::optional<Certificate>> read_certificate_of(SignedData const& data, std::string_view name,
                                                       config::Settings::Security const& bounds) {
    auto const certificates = data.root().child("Certificates");
    auto const element = certificates ? certificates->child(name) : std::nullopt;
    if (!element || trim(element->text()).empty()) return std::nullopt;
    auto const der = from_hex(element->text());
    if (!der) {
        return data.refuse(*element, Code::malformed,
                           fmt::format("Certificates/{} is not hexadecimal", name));
    }
    auto certificate = read_certificate(*der, bounds);
    if (!certificate) {
        auto const& why = certificate.error();
        return data.refuse(*element, why.code, fmt::format("Certificates/{}: {}", name, why.message));
    }
    return std::optional(std::move(*certificate));
}

Result<void> read_certificates(Source const& source, Request& request) {
    auto const& data = source.data;
    auto signing = read_certificate_of(data, "Signing", source.settings.security);
    if (!signing) return std::unexpected(std::move(signing.error()));
    // A confirmation has an empty Certificates or none (wire.md 12): the registered key is meant.
    if (!*signing && request.type == RequestType::registration) {
        return missing(data, data.root(), "Certificates/Signing");
    }
    request.signing = std::move(*signing);

    if (source.settings.site.mode == config::SiteMode::native) return {};
    auto encryption = read_certificate_of(data, "Encryption", source.settings.security);
    if (!encryption) return std::unexpected(std::move(encryption.error()));
    if (*encryption) request.encryption_certificate = std::move((*encryption)->der);
    return {};
}

using Properties = std::vector<std::pair<std::string, std::string>>;

Result<Properties> read_properties(SignedData const& data) {
    Properties properties;
    auto const parent = data.root().child("DiscoveryProperties");
    if (!parent) return missing(data, data.root(), "DiscoveryProperties");
    for (auto child = parent->first_child(); child; child = child->next_sibling()) {
        if (child->name() != "Property") continue;
        auto const name = child->attribute("Name");
        auto const value = child->attribute("Value");
        if (!name) return missing(data, *child, "Property/@Name");
        if (!value) return missing(data, *child, fmt::format("Property/@Value of '{}'", *name));
        properties.emplace_back(*name, *value);
    }
    return properties;
}

/// Takes the first property of that name out, compared without case; a repeated one stays among the others.
std::optional<std::string> take(Properties& properties, std::string_view name) {
    auto const found = std::ranges::find_if(
        properties, [&](auto const& property) { return equal_ignoring_case(trim(property.first), name); });
    if (found == properties.end()) return std::nullopt;
    std::string value(trim(found->second));
    properties.erase(found);
    return value;
}

bool has(Properties const& properties, std::string_view name) {
    return std::ranges::any_of(properties, [&](auto const& property) {
        return equal_ignoring_case(trim(property.first), name) && !trim(property.second).empty();
    });
}

/// The first of the documented hardware ids that the client fills; the others stay among the properties.
std::string take_hardware_id(Properties& properties) {
    constexpr std::array<std::string_view, 4> names = {"HardwareID1", ".HardwareID1", "SMBIOSID",
                                                       "MACAddress"};
    for (auto const name : names) {
        if (has(properties, name)) return take(properties, name).value_or("");
    }
    return {};
}

Result<void> read_discovery(Source const& source, Request& request) {
    auto const& data = source.data;
    if (request.type == RequestType::confirmation) return {};
    auto properties = read_properties(data);
    if (!properties) return std::unexpected(std::move(properties.error()));
    auto const parent = *data.root().child("DiscoveryProperties");

    auto name = take(*properties, "NetBIOS Name");
    if (!name || name->empty()) return missing(data, parent, "Property 'NetBIOS Name'");
    auto fqdn = take(*properties, "FQ Name");
    if (!fqdn) return missing(data, parent, "Property 'FQ Name'");
    if (!has(*properties, "InternetFlag")) return missing(data, parent, "Property 'InternetFlag'");
    request.name = std::move(*name);
    // Clients without a full name repeat the short one (registration.md 2); an empty one means the same.
    request.fqdn = fqdn->empty() ? request.name : std::move(*fqdn);
    request.hardware_id = take_hardware_id(*properties);
    request.discovery = std::move(*properties);
    return {};
}

/// An element by the 2007 page, perhaps an attribute (registration.md 9).
Result<void> read_hint(Source const& source, Request& request) {
    auto const root = source.data.root();
    auto const element = trim(root.child_text("RegistrationHint"));
    request.hint = element.empty() ? trim(root.attribute_or("RegistrationHint", "")) : element;
    return {};
}

std::unexpected<Error> refuse_at(Element element, Code code, std::string message) {
    return std::unexpected(Error{code, std::move(message), {}, element.line(), element.column()});
}

Result<void> read_proxy(Element signature, Request& request) {
    auto const sent = trim(signature.attribute_or("SMSID", ""));
    if (sent.empty()) return {};
    auto proxy = ClientId::parse(sent);
    if (!proxy) return refuse_at(signature, Code::schema_violation, "Signature/@SMSID is no SMSID");
    // The library repeats the client's own SMSID here in a confirmation: no proxy at all.
    if (request.smsid != *proxy) request.proxy = std::move(*proxy);
    return {};
}

Result<void> read_signature(Source const& source, Request& request) {
    auto const root = source.document.root();
    auto const signature = root.child("Signature");
    if (!signature) return refuse_at(root, Code::schema_violation, "Signature is missing");
    auto const value = signature->child("SignatureValue");
    if (!value || trim(value->text()).empty()) {
        return refuse_at(*signature, Code::schema_violation, "Signature/SignatureValue is missing");
    }
    auto bytes = from_hex(value->text());
    if (!bytes) return refuse_at(*value, Code::bad_signature, "Signature/SignatureValue is not hexadecimal");
    request.signature = std::move(*bytes);
    return read_proxy(*signature, request);
}

/// Who may sign for whom (registration.md 4.7).
Result<void> check_proxy(Source const& source, Request& request) {
    auto const& data = source.data;
    bool const proxied = request.agent_type == agent_type_isv_proxy_client;
    if (request.proxy && !proxied) {
        return data.refuse(data.root(), Code::bad_signature,
                           fmt::format("signed by a proxy, but AgentType is {} and not {}",
                                       request.agent_type, agent_type_isv_proxy_client));
    }
    if (proxied && !request.proxy && request.type == RequestType::registration) {
        return data.refuse(data.root(), Code::bad_signature, "Signature/@SMSID of the proxy is missing");
    }
    return {};
}

} // namespace

Result<Request> read_request(BytesView body, schemas::Document const& document,
                             config::Settings const& settings) {
    auto data = read_signed_data(body);
    if (!data) return std::unexpected(std::move(data.error()));
    Source const source{*data, document, settings};
    Request request;
    for (auto const step : {read_data_attributes, read_smsid, read_agent, read_certificates, read_discovery,
                            read_hint, read_signature, check_proxy}) {
        if (auto done = step(source, request); !done) return std::unexpected(std::move(done.error()));
    }
    request.signed_bytes = std::move(data->bytes);
    return request;
}

std::string_view name_of(RequestType type) {
    return type == RequestType::registration ? "Registration" : "Confirmation";
}

std::optional<RequestType> request_type_of(std::string_view name) {
    for (auto const type : {RequestType::registration, RequestType::confirmation}) {
        if (equal_ignoring_case(trim(name), name_of(type))) return type;
    }
    return std::nullopt;
}

} // namespace pointman::endpoints::registration
