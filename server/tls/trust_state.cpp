// SPDX-License-Identifier: Apache-2.0
#include "server/tls/trust_state.hpp"

#include "server/tls/pem.hpp"

#include <fmt/format.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

namespace pointman::tls {
namespace {

using StoreContext = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;
using Chain = std::unique_ptr<STACK_OF(X509),
                              decltype([](STACK_OF(X509) * chain) { sk_X509_pop_free(chain, X509_free); })>;

/// For logs: "CN=PC1,O=Lab". Characters that could disturb a log come escaped.
std::string name_text(X509_NAME const* name) {
    constexpr std::size_t longest = 200;
    Bio const bio(BIO_new(BIO_s_mem()));
    if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) return "?";
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &data);
    return {data, std::min(static_cast<std::size_t>(size), longest)};
}

bool is_self_issued(X509 const* certificate) {
    return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
}

std::optional<TimePoint> time_of(ASN1_TIME const* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    using namespace std::chrono;
    auto const month_number = static_cast<unsigned>(parts.tm_mon + 1);
    auto const day_number = static_cast<unsigned>(parts.tm_mday);
    sys_days const date = year{parts.tm_year + 1900} / month{month_number} / day{day_number};
    return date + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec};
}

void add_dates(std::vector<TimePoint>& dates, ASN1_TIME const* begin, ASN1_TIME const* end) {
    for (auto const* const time : {begin, end}) {
        if (auto const date = time_of(time)) dates.push_back(*date);
    }
}

void narrow(Finding& finding, TimePoint now, std::vector<TimePoint> const& dates) {
    for (auto const date : dates) {
        if (date <= now) {
            finding.from = std::max(finding.from, date);
        } else {
            finding.until = std::min(finding.until, date);
        }
    }
}

Certificate decode(BytesView der) {
    auto const* cursor = reinterpret_cast<unsigned char const*>(der.data());
    auto const* const end = cursor + der.size();
    Certificate certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
    ERR_clear_error();
    if (cursor != end) certificate.reset(); // something behind it
    return certificate;
}

/// What a verification in progress knows of us.
struct Watch {
    config::CrlCheck crl_check;
    std::string* passed_over;
};

/// Whether OpenSSL refuses a certificate only because it does not count anyExtendedKeyUsage as client
/// authentication.
bool is_fit_for_everything(X509* certificate, int depth) {
    if ((X509_get_extended_key_usage(certificate) & XKU_ANYEKU) == 0) return false;
    constexpr std::uint32_t proving = KU_DIGITAL_SIGNATURE | KU_KEY_AGREEMENT;
    auto const needed = depth == 0 ? proving : std::uint32_t{KU_KEY_CERT_SIGN};
    return (X509_get_key_usage(certificate) & needed) != 0;
}

/// Faults of a list that leave open whether the certificate is revoked.
bool leaves_revocation_open(int error) {
    constexpr std::array open{X509_V_ERR_UNABLE_TO_GET_CRL,
                              X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER,
                              X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE,
                              X509_V_ERR_CRL_SIGNATURE_FAILURE,
                              X509_V_ERR_CRL_NOT_YET_VALID,
                              X509_V_ERR_CRL_HAS_EXPIRED,
                              X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD,
                              X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD,
                              X509_V_ERR_KEYUSAGE_NO_CRL_SIGN,
                              X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION,
                              X509_V_ERR_DIFFERENT_CRL_SCOPE,
                              X509_V_ERR_CRL_PATH_VALIDATION_ERROR};
    return std::ranges::find(open, error) != open.end();
}

int judge_fault(int good, X509_STORE_CTX* context) {
    if (good == 1) return 1;
    auto const error = X509_STORE_CTX_get_error(context);
    auto* const certificate = X509_STORE_CTX_get_current_cert(context);
    if (error == X509_V_ERR_INVALID_PURPOSE && certificate != nullptr)
        return is_fit_for_everything(certificate, X509_STORE_CTX_get_error_depth(context)) ? 1 : 0;
    auto const& watch = *static_cast<Watch const*>(X509_STORE_CTX_get_ex_data(context, 0));
    if (watch.crl_check != config::CrlCheck::soft || !leaves_revocation_open(error)) return 0;
    *watch.passed_over = fmt::format("{}, for certificates of {}", X509_verify_cert_error_string(error),
                                     certificate != nullptr ? name_text(X509_get_issuer_name(certificate))
                                                            : std::string("an authority"));
    return 1;
}

std::unexpected<Error> refused(X509 const* certificate, std::string_view why) {
    return fail(Code::bad_signature, fmt::format("the certificate of {}, issued by {}, is not trusted: {}",
                                                 name_text(X509_get_subject_name(certificate)),
                                                 name_text(X509_get_issuer_name(certificate)), why));
}

std::unexpected<Error> refused(X509 const* leaf, X509_STORE_CTX* context) {
    auto const* const why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
    auto const* const culprit = X509_STORE_CTX_get_current_cert(context);
    ERR_clear_error();
    if (culprit == nullptr || X509_STORE_CTX_get_error_depth(context) == 0) return refused(leaf, why);
    return refused(leaf, fmt::format("{} ({})", why, name_text(X509_get_subject_name(culprit))));
}

} // namespace

TrustOptions trust_options(config::Settings::Tls const& settings) {
    return {settings.client_ca, settings.crl, settings.crl_check,
            settings.profile == config::TlsProfile::legacy};
}

Result<std::shared_ptr<TrustState const>> TrustState::read(TrustOptions const& options) {
    std::shared_ptr<TrustState> state(new TrustState);
    state->options_ = options;
    state->store_.reset(X509_STORE_new());
    if (!state->store_) return fail(Code::io, "no memory for certificates");
    for (auto const& file : options.authorities) {
        if (auto added = state->add_authorities(file); !added) return std::unexpected(added.error());
    }
    if (auto checked = state->check_roots(); !checked) return std::unexpected(checked.error());
    if (options.crl_check == config::CrlCheck::off) return state;
    for (auto const& file : options.crls) {
        if (auto added = state->add_crls(file); !added) return std::unexpected(added.error());
    }
    return state;
}

Result<void> TrustState::add_authorities(std::filesystem::path const& file) {
    auto certificates = read_certificates(file);
    if (!certificates) return std::unexpected(std::move(certificates.error()));
    for (auto& certificate : *certificates) {
        auto* const raw = certificate.get();
        if (X509_check_ca(raw) == 0) {
            return fail(Code::usage,
                        fmt::format("{}: {} is no CA", file.string(), name_text(X509_get_subject_name(raw))));
        }
        if (X509_STORE_add_cert(store_.get(), raw) != 1)
            return fail(Code::usage, fmt::format("{}: {}", file.string(), openssl_reason()));
        add_dates(dates_, X509_get0_notBefore(raw), X509_get0_notAfter(raw));
        authorities_.push_back({std::move(certificate), file});
    }
    return {};
}

Result<void> TrustState::check_roots() const {
    for (auto const& authority : authorities_) {
        auto const* const raw = authority.certificate.get();
        if (is_self_issued(raw)) continue;
        auto const* const issuer = X509_get_issuer_name(raw);
        bool const found = std::ranges::any_of(authorities_, [issuer](Authority const& other) {
            return X509_NAME_cmp(X509_get_subject_name(other.certificate.get()), issuer) == 0;
        });
        if (found) continue;
        return fail(Code::usage,
                    fmt::format("{}: {} was issued by {}, whose certificate is not there: add it",
                                authority.file.string(), name_text(X509_get_subject_name(raw)),
                                name_text(issuer)));
    }
    return {};
}

Result<void> TrustState::add_crls(std::filesystem::path const& file) {
    auto const lists = read_crls(file);
    if (!lists) return std::unexpected(lists.error());
    for (auto const& list : *lists) {
        if (X509_STORE_add_crl(store_.get(), list.get()) != 1)
            return fail(Code::usage, fmt::format("{}: {}", file.string(), openssl_reason()));
        add_dates(dates_, X509_CRL_get0_lastUpdate(list.get()), X509_CRL_get0_nextUpdate(list.get()));
    }
    return {};
}

Finding TrustState::check(Shown const& shown, TimePoint now) const {
    Finding finding;
    if (shown.excessive) {
        finding.outcome = fail(Code::bad_signature,
                               fmt::format("the certificate is not trusted: more than {} certificates or {} "
                                           "bytes came with it",
                                           Shown::max_intermediates, Shown::max_intermediate_bytes));
        return finding;
    }
    if (authorities_.empty()) {
        finding.outcome = fail(Code::bad_signature, "the certificate is not trusted: tls.client_ca is empty");
        return finding;
    }
    auto const leaf = decode(shown.leaf);
    Chain const intermediates(sk_X509_new_null());
    std::vector<TimePoint> dates;
    for (auto const& der : shown.intermediates) {
        auto const certificate = decode(der);
        if (!certificate) continue; // no part of any chain
        add_dates(dates, X509_get0_notBefore(certificate.get()), X509_get0_notAfter(certificate.get()));
        X509_add_cert(intermediates.get(), certificate.get(), X509_ADD_FLAG_UP_REF);
    }
    if (!leaf) {
        finding.outcome = fail(Code::malformed, "the certificate cannot be decoded");
        return finding;
    }
    add_dates(dates, X509_get0_notBefore(leaf.get()), X509_get0_notAfter(leaf.get()));
    narrow(finding, now, dates);
    narrow(finding, now, dates_);
    finding.outcome = verify(leaf.get(), intermediates.get(), now, finding.passed_over);
    return finding;
}

Result<void> TrustState::verify(X509* leaf, STACK_OF(X509) * intermediates, TimePoint now,
                                std::string& passed_over) const {
    StoreContext const context(X509_STORE_CTX_new());
    if (!context || X509_STORE_CTX_init(context.get(), store_.get(), leaf, intermediates) != 1)
        return refused(leaf, "no memory to check it");
    if ((X509_get_extension_flags(leaf) & EXFLAG_CA) != 0) return refused(leaf, "it is that of a CA");

    auto* const parameters = X509_STORE_CTX_get0_param(context.get());
    auto const second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(second));
    X509_VERIFY_PARAM_set_depth(parameters, Shown::max_intermediates);
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT);
    X509_VERIFY_PARAM_set_auth_level(parameters, options_.takes_weak_chains ? 0 : 1);
    if (options_.crl_check != config::CrlCheck::off) {
        X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    }
    Watch watch{options_.crl_check, &passed_over};
    X509_STORE_CTX_set_ex_data(context.get(), 0, &watch);
    X509_STORE_CTX_set_verify_cb(context.get(), judge_fault);
    auto const verified = X509_verify_cert(context.get());
    if (verified == 1) {
        ERR_clear_error();
        return {};
    }
    return refused(leaf, context.get());
}

} // namespace pointman::tls
