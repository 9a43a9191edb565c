// SPDX-License-Identifier: Apache-2.0
#include "server/site/look_ups.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "endpoints/location/product_level.hpp"
#include "server/site/content.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pointman::site {

namespace {

constexpr int ssl_state_mixed = 0;
constexpr int ssl_state_native = 63;

bool is_address(std::string const& text) {
    boost::system::error_code error;
    boost::asio::ip::make_address(text, error);
    return !error;
}

/// The machine's name as Windows knows it: the first label in capitals. An address has no labels.
std::string machine_name(std::string const& host) {
    return is_address(host) ? host : to_upper(std::string_view(host).substr(0, host.find('.')));
}

std::string element(std::string_view name, std::string_view text, std::string_view attributes = {}) {
    return fmt::format("<{0}{2}>{1}</{0}>", name, escape_xml(text), attributes);
}

std::string element(std::string_view name, Bytes const& bytes, std::string_view attributes = {}) {
    return element(name, to_hex(bytes), attributes);
}

/// With the space in front.
std::string attribute(std::string_view name, std::string_view text) {
    return fmt::format(" {}=\"{}\"", name, escape_xml(text));
}

std::string signature(Bytes const& bytes) {
    return attribute("Signature", to_hex(bytes));
}

std::string unknown_machines(db::UnknownMachines const& ids) {
    return attribute("x64UnknownMachineGUID", ids.x64.uuid()) +
           attribute("x86UnknownMachineGUID", ids.x86.uuid());
}

std::string mp_list(SiteFacts const& facts) {
    auto const ssl_state = facts.mode == config::SiteMode::native ? ssl_state_native : ssl_state_mixed;
    return fmt::format("<MPList><MP{}{}{}>{}{}<Capabilities SchemaVersion=\"1.0\"><Property Name=\"SSLState\""
                       " Value=\"{}\"/></Capabilities></MP></MPList>",
                       attribute("Name", machine_name(facts.host)), attribute("FQDN", facts.host),
                       attribute("SiteCode", facts.site_code),
                       element("Version", endpoints::ProductLevel::build), element("FQDN", facts.host),
                       ssl_state);
}

std::string mp_certificate(SiteKeys const& keys) {
    return fmt::format("<MPCertificate>{}</MPCertificate>", element("Certificate", keys.mp_signing));
}

std::string mp_certificates(SiteKeys const& keys) {
    return fmt::format("<MPCertificates>{}{}</MPCertificates>",
                       element("Certificate1", keys.mp_signing, signature(keys.mp_signing_signature)),
                       element("Certificate2", keys.mp_encryption));
}

std::string mp_key_information(SiteFacts const& facts) {
    auto const& keys = facts.keys;
    return fmt::format("<MPKEYINFORMATION>{}{}{}{}{}{}<UnknownMachines{}/></MPKEYINFORMATION>",
                       element("MACHINENAME", machine_name(facts.host)), element("FQDN", facts.host),
                       element("SITECODE", facts.site_code), element("AssignmentSiteCode", facts.site_code),
                       element("TRUSTEDROOTKEY", keys.root_key),
                       element("MPCERTIFICATE", keys.mp_signing, signature(keys.mp_signing_signature)),
                       unknown_machines(facts.unknown_machines));
}

std::string trusted_root_key(SiteKeys const& keys) {
    return fmt::format("<KEYDATA>{}</KEYDATA>",
                       element("TRUSTEDROOTKEY", keys.root_key, signature(keys.root_key_signature)));
}

std::string x509_data(Bytes const& certificate) {
    return fmt::format("<X509Data>{}</X509Data>",
                       element("X509Certificate", certificate, attribute("EncodingType", "hexBinary")));
}

std::string mp_location(SiteFacts const& facts) {
    return fmt::format("<MPLocation{}{}{}{}{}/>", attribute("MP", facts.host),
                       attribute("SiteCode", facts.site_code), attribute("AssignedSiteCode", facts.site_code),
                       unknown_machines(facts.unknown_machines),
                       attribute("MPCertificatesEx", to_hex(facts.keys.mp_signing)));
}

constexpr std::string_view no_location =
    R"(<MPLocation MP="" SiteCode="" AssignedSiteCode="" x64UnknownMachineGUID="" x86UnknownMachineGUID="")"
    R"( MPCertificatesEx=""/>)";

// A verb and more arguments than any has.
constexpr std::size_t most_parts = 16;

/// Parts between `&`, decoded; empty ones left out.
std::vector<std::string> parts_of(std::string_view query) {
    std::vector<std::string> parts;
    while (!query.empty() && parts.size() < most_parts) {
        auto const part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(part.size() + 1, query.size()));
        if (!part.empty()) parts.push_back(percent_decoded(part));
    }
    return parts;
}

bool is_of_site(std::vector<std::string> const& arguments, std::string_view site_code) {
    return arguments.empty() || equal_ignoring_case(arguments.front(), site_code);
}

/// The task sequence asks with the subnet (ip) and with the address itself (ir).
bool has_address(std::vector<std::string> const& arguments, std::string_view) {
    return std::ranges::any_of(arguments, [](std::string const& argument) {
        bool const is_known =
            starts_with_ignoring_case(argument, "ip=") || starts_with_ignoring_case(argument, "ir=");
        return is_known && is_address(argument.substr(3));
    });
}

} // namespace

LookUps::Page LookUps::make_page(std::string_view xml) {
    return {to_bytes(xml), fmt::format("\"{}\"", sha256_hex(as_bytes(xml)))};
}

LookUps::LookUps(SiteFacts const& facts)
    : site_code_(facts.site_code) {
    auto const add = [this](std::string_view verb, std::string_view xml) {
        look_ups_.push_back({.verb = verb, .page = make_page(xml)});
    };
    auto const add_list = [&](std::string_view verb) {
        look_ups_.push_back({verb, make_page(mp_list(facts)), &is_of_site, make_page("<MPList/>")});
    };
    add_list("MPLIST");
    add_list("MPLIST1");
    if (facts.mode == config::SiteMode::native) add_list("MPLIST2");
    add("MPCERT", mp_certificate(facts.keys));
    for (auto const* const verb : {"MPCERT1", "MPCERT2"}) add(verb, mp_certificates(facts.keys));
    for (auto const* const verb : {"MPKEYINFORMATION", "MPKEYINFORMATIONEX", "MPKEYINFORMATIONMEDIA"})
        add(verb, mp_key_information(facts));
    add("MPTRK", trusted_root_key(facts.keys));
    add("SITESIGNCERT", x509_data(facts.keys.site_signing));
    add("SMSTRC", x509_data(facts.keys.root));
    look_ups_.push_back({"MPLOCATION", make_page(mp_location(facts)), &has_address, make_page(no_location)});
    add("GETCLIENTAFFINITY", "<MachineAffinity/>");
}

LookUps::Page const* LookUps::find(std::string_view query) const {
    auto arguments = parts_of(query);
    if (arguments.empty()) return nullptr;
    auto verb = std::move(arguments.front());
    arguments.erase(arguments.begin());
    if (auto const at = verb.find('='); at != std::string::npos) {
        if (at + 1 < verb.size()) arguments.insert(arguments.begin(), verb.substr(at + 1));
        verb.resize(at);
    }
    auto const found = std::ranges::find_if(
        look_ups_, [&verb](LookUp const& look_up) { return equal_ignoring_case(look_up.verb, verb); });
    if (found == look_ups_.end()) return nullptr;
    bool const fits = found->fits == nullptr || found->fits(arguments, site_code_);
    return fits ? &found->page : &found->otherwise;
}

http::Response LookUps::answer(http::Request const& request) const {
    auto const* const page = find(request.query);
    if (page == nullptr) return {404, {}, {}};
    return serve(request, {page->body, page->tag, "text/xml"});
}

} // namespace pointman::site
