// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/keytab.hpp"

#include "server/integrated/secret_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <krb5/krb5.h>
#include <utility>

namespace pointman::integrated {

struct Keytab::Impl {
    krb5_context context = nullptr;
    krb5_keytab keys = nullptr; ///< in memory; lives until its last handle is closed
    std::string name;
    std::vector<std::string> principals;

    Impl() = default;
    Impl(Impl const&) = delete;
    Impl& operator=(Impl const&) = delete;
    ~Impl() {
        if (keys != nullptr) krb5_kt_close(context, keys);
        if (context != nullptr) krb5_free_context(context);
    }

    std::string words_of(krb5_error_code code) const {
        char const* const text = krb5_get_error_message(context, code);
        std::string result(text);
        krb5_free_error_message(context, text);
        return result;
    }

    krb5_error_code open();
    krb5_error_code take(krb5_keytab_entry& entry);
    krb5_error_code take_all(krb5_keytab from);
};

krb5_error_code Keytab::Impl::open() {
    static std::atomic<std::uint64_t> last{0};
    name = fmt::format("MEMORY:pointman-{}", ++last);
    return krb5_kt_resolve(context, name.c_str(), &keys);
}

krb5_error_code Keytab::Impl::take(krb5_keytab_entry& entry) {
    if (krb5_c_valid_enctype(entry.key.enctype) == 0) return 0; // of a cipher that nobody speaks any more
    char* text = nullptr;
    if (auto const failed = krb5_unparse_name(context, entry.principal, &text); failed != 0) return failed;
    std::string principal(text);
    krb5_free_unparsed_name(context, text);
    if (std::ranges::find(principals, principal) == principals.end()) {
        principals.push_back(std::move(principal));
    }
    return krb5_kt_add_entry(context, keys, &entry);
}

krb5_error_code Keytab::Impl::take_all(krb5_keytab from) {
    krb5_kt_cursor cursor = nullptr;
    auto failed = krb5_kt_start_seq_get(context, from, &cursor);
    if (failed != 0) return failed;
    while (failed == 0) {
        krb5_keytab_entry entry{};
        failed = krb5_kt_next_entry(context, from, &entry, &cursor);
        if (failed != 0) break;
        failed = take(entry);
        krb5_free_keytab_entry_contents(context, &entry);
    }
    krb5_kt_end_seq_get(context, from, &cursor);
    return failed == KRB5_KT_END ? 0 : failed;
}

Keytab::Keytab(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
Keytab::Keytab(Keytab&&) noexcept = default;
Keytab& Keytab::operator=(Keytab&&) noexcept = default;
Keytab::~Keytab() = default;

std::string const& Keytab::name() const {
    return impl_->name;
}
std::vector<std::string> const& Keytab::principals() const {
    return impl_->principals;
}

Result<Keytab> Keytab::read(std::filesystem::path const& file) {
    // Kerberos would call a missing file and one that it may not read by one name.
    if (auto const readable = read_secret_file(file); !readable) return std::unexpected(readable.error());
    auto impl = std::make_unique<Impl>();
    if (auto const failed = krb5_init_context(&impl->context); failed != 0) {
        return fail(Code::usage,
                    fmt::format("Kerberos cannot start: {}; see krb5.conf", impl->words_of(failed)));
    }
    krb5_keytab from = nullptr;
    auto failed = impl->open();
    if (failed == 0)
        failed = krb5_kt_resolve(impl->context, fmt::format("FILE:{}", file.string()).c_str(), &from);
    if (failed == 0) failed = impl->take_all(from);
    if (from != nullptr) krb5_kt_close(impl->context, from);
    if (failed != 0) {
        return fail(Code::usage, fmt::format("{} is no keytab: {}", file.string(), impl->words_of(failed)));
    }
    if (impl->principals.empty()) {
        return fail(Code::usage, fmt::format("{} holds no key that can be used: give it the key of "
                                             "HTTP/HOST@REALM, with HOST as clients name this machine",
                                             file.string()));
    }
    return Keytab(std::move(impl));
}

} // namespace pointman::integrated
