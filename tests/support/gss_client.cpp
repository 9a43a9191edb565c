// SPDX-License-Identifier: Apache-2.0
#include "tests/support/gss_client.hpp"

#include "server/integrated/gss.hpp"
#include "server/integrated/nt_hash.hpp"

#include <gssapi/gssapi_ext.h>

#include <stdexcept>

namespace pointman::test {

namespace gss = integrated::gss;

struct GssClient::Impl {
    gss_OID mechanism = GSS_C_NO_OID;
    gss::Credential credential;
    gss::Name target;
    gss::Context context;
};

namespace {

void check(char const* what, OM_uint32 major, OM_uint32 minor, gss_OID mechanism) {
    if (GSS_ERROR(major)) {
        throw std::runtime_error(std::string(what) + ": " + gss::words_of(major, minor, mechanism));
    }
}

gss::Name name_of(std::string const& text, gss_OID type) {
    gss::Name name;
    OM_uint32 minor = 0;
    auto buffer = gss::input(as_bytes(text));
    check("name", gss_import_name(&minor, &buffer, type, name.out()), minor, GSS_C_NO_OID);
    return name;
}

} // namespace

GssClient::GssClient(std::string const& account, std::string const& password, std::string const& host,
                     Form form)
    : impl_(std::make_unique<Impl>()) {
    impl_->mechanism = form == Form::ntlm ? gss::ntlm() : gss::spnego();
    auto const user = name_of(account, GSS_C_NT_USER_NAME);
    // The hash, since the mechanism leaks memory where it is given a password.
    auto const hash = integrated::NtHasher::make().value().hash(password);
    gss_key_value_element_desc element{"ntlmssp_nthash", hash.c_str()};
    gss_key_value_set_desc const store{1, &element};
    gss_OID_set_desc mechanisms{1, impl_->mechanism};
    OM_uint32 minor = 0;
    check("credential",
          gss_acquire_cred_from(&minor, user.get(), GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE, &store,
                                impl_->credential.out(), nullptr, nullptr),
          minor, impl_->mechanism);
    if (form == Form::spnego) {
        gss_OID_set_desc inner{1, gss::ntlm()};
        check("inner mechanism", gss_set_neg_mechs(&minor, impl_->credential.get(), &inner), minor,
              impl_->mechanism);
    }
    impl_->target = name_of("HTTP@" + host, GSS_C_NT_HOSTBASED_SERVICE);
}

GssClient::~GssClient() = default;

Bytes GssClient::next(BytesView challenge) {
    gss::Buffer token;
    auto in = gss::input(challenge);
    OM_uint32 minor = 0;
    auto const major =
        gss_init_sec_context(&minor, impl_->credential.get(), impl_->context.out(), impl_->target.get(),
                             impl_->mechanism, GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG, GSS_C_INDEFINITE,
                             GSS_C_NO_CHANNEL_BINDINGS, &in, nullptr, token.out(), nullptr, nullptr);
    check("token", major, minor, impl_->mechanism);
    return {token.bytes().begin(), token.bytes().end()};
}

} // namespace pointman::test
