// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/acceptor.hpp"

#include "server/integrated/acceptor_impl.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gssapi/gssapi_ext.h>

#include <array>
#include <utility>

namespace pointman::integrated {

namespace {

/// Names the setting in front of what went wrong with its file.
std::unexpected<Error> setting_fault(std::string_view key, Error error) {
    error.message = fmt::format("{}: {}", key, error.message);
    return std::unexpected(std::move(error));
}

std::unexpected<Error> gss_fault(std::string_view what, OM_uint32 major, OM_uint32 minor, gss_OID mechanism) {
    return fail(Code::usage, fmt::format("{}: {}", what, gss::words_of(major, minor, mechanism)));
}

/// A credential for the mechanism's bare tokens and for SPNEGO with this mechanism alone. The store names the
/// keys: nothing is taken from the environment or from the system's own files.
Result<gss::Credential> acquire(gss_OID mechanism, gss_name_t name, char const* store_key,
                                std::string const& store_value) {
    std::array<gss_OID_desc, 2> wanted{*gss::spnego(), *mechanism};
    gss_OID_set_desc mechanisms{wanted.size(), wanted.data()};
    gss_key_value_element_desc element{store_key, store_value.c_str()};
    gss_key_value_set_desc const store{1, &element};
    gss::Credential credential;
    gss_OID_set actual = GSS_C_NO_OID_SET;
    OM_uint32 minor = 0;
    auto major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechanisms, GSS_C_ACCEPT, &store,
                                       credential.out(), &actual, nullptr);
    if (GSS_ERROR(major)) return gss_fault("cannot be used", major, minor, mechanism);
    bool const complete = actual->count == wanted.size();
    OM_uint32 ignored = 0;
    gss_release_oid_set(&ignored, &actual);
    if (!complete) return fail(Code::usage, "cannot be used: a mechanism of GSSAPI is missing");

    // Otherwise SPNEGO would also offer what only other mechanisms have keys for.
    gss_OID_set_desc inner{1, mechanism};
    major = gss_set_neg_mechs(&minor, credential.get(), &inner);
    if (GSS_ERROR(major)) return gss_fault("cannot be used in SPNEGO", major, minor, mechanism);
    return credential;
}

/// `HTTP@host`
Result<gss::Name> service_name(std::string const& host) {
    auto const text = "HTTP@" + host;
    auto buffer = gss::input(as_bytes(text));
    gss::Name name;
    OM_uint32 minor = 0;
    auto const major = gss_import_name(&minor, &buffer, GSS_C_NT_HOSTBASED_SERVICE, name.out());
    if (GSS_ERROR(major))
        return gss_fault("cannot be used with this host's name", major, minor, GSS_C_NO_OID);
    return name;
}

void warn_if_open(std::vector<std::string>& warnings, std::string_view key,
                  std::filesystem::path const& file) {
    if (!is_open_to_others(file)) return;
    warnings.push_back(fmt::format("{}: {} is open to every user of this machine: chmod o= {}", key,
                                   file.string(), file.string()));
}

} // namespace

Result<Acceptor::Impl::Kerberos> Acceptor::Impl::load_kerberos(std::filesystem::path const& file) {
    auto keytab = Keytab::read(file);
    if (!keytab) return std::unexpected(std::move(keytab.error()));
    auto credential = acquire(gss::kerberos(), GSS_C_NO_NAME, "keytab", keytab->name());
    if (!credential) return std::unexpected(std::move(credential.error()));
    return Kerberos{std::move(*keytab), std::move(*credential)};
}

Result<Acceptor::Impl::Ntlm> Acceptor::Impl::load_ntlm(std::filesystem::path const& file,
                                                       std::string const& host) {
    if (!gss::has_mechanism(gss::ntlm())) {
        return fail(Code::usage, "GSSAPI has no NTLM: install the package gss-ntlmssp");
    }
    auto users = read_ntlm_users(file);
    if (!users) return std::unexpected(std::move(users.error()));
    auto const text = users->mechanism_file();
    if (!text) return std::unexpected(text.error());
    auto copy = MemoryFile::make(*text);
    if (!copy) return std::unexpected(std::move(copy.error()));
    auto name = service_name(host);
    if (!name) return std::unexpected(std::move(name.error()));
    auto credential = acquire(gss::ntlm(), name->get(), "ntlmssp_keyfile", copy->path());
    if (!credential) return std::unexpected(std::move(credential.error()));
    return Ntlm{std::move(*users), std::move(*copy), std::move(*credential)};
}

Acceptor::Acceptor(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
Acceptor::~Acceptor() = default;

std::vector<std::string> const& Acceptor::warnings() const {
    return impl_->warnings;
}

std::string Acceptor::summary() const {
    std::vector<std::string> parts;
    if (impl_->kerberos) {
        parts.push_back(fmt::format("Kerberos as {}", fmt::join(impl_->kerberos->keytab.principals(), ", ")));
    }
    if (impl_->ntlm) {
        auto const count = impl_->ntlm->users.users.size();
        parts.push_back(fmt::format("NTLM for {} account{}", count, count == 1 ? "" : "s"));
    }
    return parts.empty() ? "nobody" : fmt::format("{}", fmt::join(parts, "; "));
}

Result<std::shared_ptr<Acceptor const>> Acceptor::load(Options const& options) {
    auto impl = std::make_unique<Impl>();
    if (!options.keytab.empty()) {
        constexpr std::string_view key = "security.keytab";
        auto kerberos = Impl::load_kerberos(options.keytab);
        if (!kerberos) return setting_fault(key, std::move(kerberos.error()));
        impl->kerberos = std::move(*kerberos);
        warn_if_open(impl->warnings, key, options.keytab);
    }
    if (!options.ntlm_users.empty()) {
        constexpr std::string_view key = "security.ntlm_users";
        auto ntlm = Impl::load_ntlm(options.ntlm_users, options.host);
        if (!ntlm) return setting_fault(key, std::move(ntlm.error()));
        impl->ntlm = std::move(*ntlm);
        warn_if_open(impl->warnings, key, options.ntlm_users);
    }
    return std::shared_ptr<Acceptor const>(new Acceptor(std::move(impl)));
}

} // namespace pointman::integrated
