// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/handshake.hpp"

#include "server/integrated/acceptor_impl.hpp"
#include "server/integrated/accounts.hpp"
#include "server/integrated/gss.hpp"
#include "server/integrated/ntlm_message.hpp"

#include <fmt/format.h>

#include <utility>

namespace pointman::integrated {

namespace {

/// The first byte of every token that opens a context (RFC 2743 3.1); SPNEGO's later ones begin with 0xA1.
constexpr std::byte opening_tag{0x60};
constexpr std::byte spnego_continuation{0xA1};

/// What one call of gss_accept_sec_context gave.
struct Accepted {
    OM_uint32 major = 0;
    OM_uint32 minor = 0;
    OM_uint32 flags = 0;
    gss_OID mechanism = GSS_C_NO_OID; ///< the inner one, where SPNEGO is around it
    gss::Name client;
    Bytes token;
};

Accepted accept(gss::Context& context, gss_cred_id_t credential, BytesView token) {
    Accepted result;
    gss::Buffer out;
    auto in = gss::input(token);
    result.major = gss_accept_sec_context(&result.minor, context.out(), credential, &in,
                                          GSS_C_NO_CHANNEL_BINDINGS, result.client.out(), &result.mechanism,
                                          out.out(), &result.flags, nullptr, nullptr);
    result.token.assign(out.bytes().begin(), out.bytes().end());
    return result;
}

Result<std::string> account_of(Accepted const& accepted) {
    gss::Buffer name;
    OM_uint32 minor = 0;
    auto const major = gss_display_name(&minor, accepted.client.get(), name.out(), nullptr);
    if (GSS_ERROR(major)) {
        return fail(Code::malformed, "no name: " + gss::words_of(major, minor, accepted.mechanism));
    }
    return gss::same(accepted.mechanism, gss::ntlm()) ? account_of_ntlm(name.text())
                                                      : account_of_principal(name.text());
}

} // namespace

struct Handshake::Impl {
    std::shared_ptr<Acceptor const> acceptor;
    Scheme scheme;
    gss::Context context;
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL; ///< the acceptor's; chosen by the first token
    int steps = 0;
    bool over = false;

    Step advance(BytesView token, Acceptor::Impl const& from);
    Step begin(BytesView token, Acceptor::Impl const& from);
    Step begin_ntlm(BytesView token, Acceptor::Impl const& from);
    Step begin_negotiation(BytesView token, Acceptor::Impl const& from);
    Step judge(Accepted accepted, BytesView token, Acceptor::Impl const& from);
};

Handshake::Handshake(std::shared_ptr<Acceptor const> acceptor, Scheme scheme)
    : impl_(std::make_unique<Impl>()) {
    impl_->acceptor = std::move(acceptor);
    impl_->scheme = scheme;
}
Handshake::~Handshake() = default;

Scheme Handshake::scheme() const {
    return impl_->scheme;
}

Step Handshake::step(BytesView token) {
    if (impl_->over) return Refused{"the handshake is over"};
    if (token.size() > max_token) {
        impl_->over = true;
        return Refused{fmt::format("a token of {} bytes; {} are taken", token.size(), max_token)};
    }
    auto step = impl_->advance(token, *impl_->acceptor->impl_);
    impl_->over = !std::holds_alternative<Continue>(step);
    // A context that nobody goes on with holds memory, and its secrets.
    if (impl_->over) impl_->context.reset();
    return step;
}

Step Handshake::Impl::advance(BytesView token, Acceptor::Impl const& from) {
    if (++steps > max_steps) return Refused{fmt::format("no end after {} steps", max_steps)};
    if (steps == 1) return begin(token, from);
    return judge(accept(context, credential, readable(token)), token, from);
}

Step Handshake::Impl::begin(BytesView token, Acceptor::Impl const& from) {
    auto const type = ntlm_type(token);
    if (type && *type != NtlmType::negotiate) {
        return Refused{
            fmt::format("NTLM message {} without a negotiation before it", static_cast<int>(*type))};
    }
    if (type) return begin_ntlm(token, from);
    if (scheme == Scheme::ntlm) return Refused{"the NTLM token is no NTLM message"};
    if (!token.empty() && token.front() == spnego_continuation) {
        return Refused{"a later SPNEGO token without the first"};
    }
    if (token.empty() || token.front() != opening_tag)
        return Refused{"the Negotiate token is none of GSSAPI's"};
    return begin_negotiation(token, from);
}

Step Handshake::Impl::begin_ntlm(BytesView token, Acceptor::Impl const& from) {
    if (!from.ntlm) return Refused{"NTLM is asked for, and security.ntlm_users is not set"};
    credential = from.ntlm->credential.get();
    return judge(accept(context, credential, readable(token)), token, from);
}

/// SPNEGO, or Kerberos without it. Which mechanisms the client has stands in the token: where Kerberos finds
/// none of its own there, the token is NTLM's.
Step Handshake::Impl::begin_negotiation(BytesView token, Acceptor::Impl const& from) {
    if (!from.kerberos && !from.ntlm) {
        return Refused{"Negotiate is asked for, and neither security.keytab nor security.ntlm_users is set"};
    }
    if (from.kerberos) {
        credential = from.kerberos->credential.get();
        auto accepted = accept(context, credential, token);
        if (GSS_ROUTINE_ERROR(accepted.major) != GSS_S_BAD_MECH || !from.ntlm) {
            return judge(std::move(accepted), token, from);
        }
        context.reset();
    }
    credential = from.ntlm->credential.get();
    return judge(accept(context, credential, token), token, from);
}

Step Handshake::Impl::judge(Accepted accepted, BytesView token, Acceptor::Impl const& from) {
    if (accepted.major == GSS_S_COMPLETE) {
        if ((accepted.flags & GSS_C_ANON_FLAG) != 0) return Refused{"the client is anonymous"};
        auto account = account_of(accepted);
        if (!account) return Refused{account.error().message};
        auto const mechanism = gss::same(accepted.mechanism, gss::ntlm()) ? "NTLM" : "Kerberos";
        return Done{std::move(*account), mechanism, std::move(accepted.token)};
    }
    if (!GSS_ERROR(accepted.major)) {
        if (accepted.token.empty()) return Refused{"the mechanism wants more, and has nothing to ask for"};
        return Continue{std::move(accepted.token)};
    }
    auto const words = gss::words_of(accepted.major, accepted.minor, accepted.mechanism);
    auto const claimed = claimed_account(token);
    if (!claimed) return Refused{words};
    // What the mechanism says in both cases ("No such file", "Invalid argument") helps nobody.
    bool const known = from.ntlm && from.ntlm->users.has(*claimed);
    return Refused{fmt::format("NTLM account {} {} ({})", *claimed,
                               known ? "does not prove its password" : "is not in security.ntlm_users",
                               words)};
}

bool begins_handshake(BytesView token) {
    if (auto const type = ntlm_type(token)) return *type == NtlmType::negotiate;
    return token.empty() || token.front() != spnego_continuation;
}

} // namespace pointman::integrated
