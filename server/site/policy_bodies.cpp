// SPDX-License-Identifier: Apache-2.0
#include "server/site/policy_bodies.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "db/unknown_machines.hpp"
#include "endpoints/policy/flags.hpp"
#include "server/site/content.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::site {

namespace {

using endpoints::policy::PolicyName;

constexpr std::size_t longest_query = 1024;
constexpr std::size_t plain_cache_bytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t sealed_cache_bytes = std::size_t{16} * 1024 * 1024;
constexpr std::string_view refusal_page = "<HTML><HEAD><TITLE>ERROR</TITLE></HEAD><BODY></BODY></HTML>";
constexpr std::size_t most_in_log = 200;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Takes digits off the end.
std::string_view take_number(std::string_view& text) {
    auto const rest = text.find_last_not_of("0123456789");
    auto const begin = rest == std::string_view::npos ? 0 : rest + 1;
    auto const number = text.substr(begin);
    text = text.substr(0, begin);
    return number;
}

/// Takes `.3_00` off the end, where it is there.
std::optional<std::string> take_version(std::string_view& text) {
    auto rest = text;
    auto const minor = take_number(rest);
    if (minor.empty() || !(rest.ends_with('_') || rest.ends_with('.'))) return {};
    rest.remove_suffix(1);
    auto const major = take_number(rest);
    if (major.empty() || !rest.ends_with('.')) return {};
    rest.remove_suffix(1);
    text = rest;
    return fmt::format("{}.{}", major, minor);
}

bool is_sha256(std::string_view hex) {
    constexpr std::size_t digits = 64;
    return hex.size() == digits &&
           std::ranges::all_of(hex, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); });
}

http::Response refused(unsigned status) {
    return {status, {{"Content-Type", "text/html"}, {"Cache-Control", "no-store"}}, to_bytes(refusal_page)};
}

/// interfaces.md, "policy body refused".
http::Response response_to(Error const& error) {
    switch (error.code) {
    case Code::not_found:
        return {404, {}, {}};
    case Code::unknown_client:
    case Code::bad_signature:
        return refused(401);
    case Code::blocked:
    case Code::not_approved:
    case Code::wrong_client:
    case Code::malformed: // the certificate cannot be encrypted to
        return refused(403);
    default:
        return {503, {{"Retry-After", "5"}}, {}};
    }
}

std::string name_of(service::Requester const& requester) {
    if (auto const* client = std::get_if<db::Client>(&requester)) return client->id.text();
    return fmt::format("boot medium '{}'", std::get<db::Medium>(requester).name);
}

/// The computers that a requester may ask for.
Result<std::vector<endpoints::policy::Asker>> askers_of(service::Requester const& requester,
                                                        db::Session& session) {
    std::vector<endpoints::policy::Asker> askers;
    if (auto const* client = std::get_if<db::Client>(&requester)) {
        askers.push_back({client->id, client});
        return askers;
    }
    auto machines = db::UnknownMachines::find(session);
    if (!machines) return std::unexpected(std::move(machines.error()));
    if (*machines) {
        askers.push_back({(*machines)->x64});
        askers.push_back({(*machines)->x86});
    }
    return askers;
}

std::string tag_of(std::string_view sha256) {
    return fmt::format("\"{}\"", sha256);
}

} // namespace

std::optional<PolicyName> read_body_query(std::string_view query) {
    if (query.size() > longest_query) return {};
    auto const decoded = percent_decoded(query.substr(0, query.find('&')));
    std::string_view text = decoded;
    PolicyName name;
    constexpr std::string_view hash_mark = ".sha256:";
    auto const lower = to_lower(text);
    if (auto const at = lower.find(hash_mark); at != std::string::npos) {
        name.sha256 = to_upper(text.substr(at + hash_mark.size()));
        if (!is_sha256(*name.sha256)) return {};
        text = text.substr(0, at);
    }
    name.version = take_version(text);
    name.key = db::policy_key(text);
    if (name.key.empty()) return {};
    return name;
}

/// What a request gets.
struct PolicyBodies::Found {
    ByteCache::Entry bytes;
    std::string tag;
    std::string_view type = "text/xml";
    std::string told; ///< to whom, for the log; "" = it is not protected
};

PolicyBodies::PolicyBodies(Parts parts)
    : parts_(std::move(parts))
    , plain_(plain_cache_bytes)
    , sealed_(sealed_cache_bytes) {}

Result<service::Requester> PolicyBodies::authenticate(http::Request const& request, BytesView certificate,
                                                      db::Session& session) const {
    service::BodyCredentials const credentials{
        request.header("clienttoken"),
        request.header("clienttokensignature"),
        {request.header("ccmclientid"), request.header("ccmclientidsignature"),
         request.header("ccmclienttimestamp"), request.header("ccmclienttimestampsignature")},
        certificate};
    auto requester = service::authenticate_body_request(parts_.settings.security, credentials,
                                                        parts_.clock.now(), session);
    if (!requester) return std::unexpected(std::move(requester.error()));
    if (!*requester)
        return fail(Code::unknown_client, "the policy is protected, and nobody is named who asks");
    return std::move(**requester);
}

Result<void> PolicyBodies::check_assigned(service::Requester const& requester, db::Policy const& policy,
                                          db::Session& session) {
    if (auto const* client = std::get_if<db::Client>(&requester)) {
        if (auto approved = service::may_have_secrets(*client); !approved) return approved;
    }
    auto const askers = askers_of(requester, session);
    if (!askers) return std::unexpected(askers.error());
    auto const key = db::policy_key(policy.policy_id);
    for (auto const& asker : *askers) {
        auto const reach = endpoints::policy::Reach::of(asker, policy.resource, parts_.books, session);
        if (!reach) return std::unexpected(reach.error());
        if (reach->has_policy(key)) return {};
    }
    return fail(Code::wrong_client, fmt::format("it is not assigned to {}", name_of(requester)));
}

Result<ByteCache::Entry> PolicyBodies::stored(db::Policy const& policy, db::Session& session) {
    if (auto known = plain_.find(policy.sha256)) return known;
    auto body = db::Policies(session).body(policy.sha256);
    if (!body) return std::unexpected(std::move(body.error()));
    if (!*body) return fail(Code::storage, "the database has lost the body of a policy", policy.sha256);
    return plain_.keep(policy.sha256, std::move(**body));
}

Result<PolicyBodies::Found> PolicyBodies::sealed(service::Requester const& requester,
                                                 db::Policy const& policy, ByteCache::Entry const& plain) {
    auto const choice = parts_.settings.security.secret_cipher;
    Result<service::Recipient> recipient;
    if (auto const* client = std::get_if<db::Client>(&requester)) {
        recipient = service::recipient_of(*client, choice);
    } else {
        recipient = service::recipient_of(std::get<db::Medium>(requester), choice);
    }
    if (!recipient) return std::unexpected(std::move(recipient.error()));
    auto const name = fmt::format("{} {} {}", policy.sha256, sha256_hex(recipient->certificate),
                                  static_cast<int>(recipient->cipher));
    auto known = sealed_.find(name);
    if (!known) {
        auto bytes = service::seal_secret(*recipient, *plain);
        if (!bytes) return std::unexpected(std::move(bytes.error()));
        known = sealed_.keep(name, std::move(*bytes));
    }
    return Found{known, tag_of(sha256_hex(*known)), "application/octet-stream",
                 fmt::format("sealed for {}", name_of(requester))};
}

Result<PolicyBodies::Found> PolicyBodies::find(http::Request const& request, BytesView certificate) {
    auto const name = read_body_query(request.query);
    if (!name) return fail(Code::not_found, "that is no name of a policy");
    return parts_.store.read([&](db::Session& session) -> Result<Found> {
        auto const state = db::PolicyState::read(session);
        if (!state) return std::unexpected(state.error());
        auto const book = parts_.books.at(session, state->book);
        if (!book) return std::unexpected(book.error());
        auto const* policy = (*book)->find(*name);
        if (policy == nullptr) return fail(Code::not_found, "no such policy, version or hash");

        std::optional<service::Requester> requester;
        if ((policy->flags & endpoints::policy::flags_protected) != 0) {
            auto proven = authenticate(request, certificate, session);
            if (!proven) return std::unexpected(std::move(proven.error()));
            requester = std::move(*proven);
            if (auto entitled = check_assigned(*requester, *policy, session); !entitled)
                return std::unexpected(std::move(entitled.error()));
        }
        auto plain = stored(*policy, session);
        if (!plain) return std::unexpected(std::move(plain.error()));
        bool const secret = (policy->flags & endpoints::policy::flag_secret) != 0;
        if (secret && parts_.settings.site.mode == config::SiteMode::mixed)
            return sealed(*requester, *policy, *plain);
        return Found{std::move(*plain), tag_of(policy->sha256), "text/xml",
                     requester ? fmt::format("for {}", name_of(*requester)) : std::string()};
    });
}

PolicyBodies::Answer PolicyBodies::answer(http::Request const& request, BytesView certificate) {
    log::Context const context{.request = request.id, .client = {}};
    auto const asked = std::string_view(request.query).substr(0, most_in_log);
    auto const found = find(request, certificate);
    if (!found) {
        Answer answer{response_to(found.error()), found.error().code == Code::bad_signature};
        parts_.log.warning(context, "MP GP: {} asked for policy {}: {}, {}", request.peer, asked,
                           answer.response.status, describe(found.error()));
        return answer;
    }
    Answer answer{serve(request, {*found->bytes, found->tag, found->type})};
    if (found->told.empty()) {
        // Everybody may have it, and every client fetches it.
        parts_.log.debug(context, "MP GP: {} asked for policy {}: {}, {} bytes", request.peer, asked,
                         answer.response.status, answer.response.body.size());
    } else {
        parts_.log.info(context, "MP GP: {} asked for policy {}: {}, {} bytes, {}", request.peer, asked,
                        answer.response.status, answer.response.body.size(), found->told);
    }
    return answer;
}

} // namespace pointman::site
