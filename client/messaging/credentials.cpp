// SPDX-License-Identifier: Apache-2.0
#include "client/messaging/credentials_impl.hpp"
#include "client/messaging/files.hpp"
#include "client/transport/failure.hpp"

#include <fmt/format.h>

namespace pointman::client {

namespace {

constexpr std::size_t longest_pem = std::size_t{1} << 20U;

} // namespace

Credentials::Credentials(std::shared_ptr<Impl const> impl)
    : impl_(std::move(impl)) {}

Result<Credentials> Credentials::from_files(std::filesystem::path const& certificate,
                                            std::filesystem::path const& key) {
    auto const certificate_pem = read_file(certificate, longest_pem);
    if (!certificate_pem) return std::unexpected(certificate_pem.error());
    auto const key_pem = read_file(key, longest_pem);
    if (!key_pem) return std::unexpected(key_pem.error());
    auto opener = wire::EnvelopeOpener::from_pem(as_chars(*certificate_pem), as_chars(*key_pem));
    if (!opener)
        return fail(Code::invalid_argument, fmt::format("{} with {}: {}", certificate.string(), key.string(),
                                                        opener.error().message));
    auto parsed = wire::PrivateKey::from_pem(as_chars(*key_pem));
    if (!parsed)
        return fail(Code::invalid_argument, fmt::format("{}: {}", key.string(), parsed.error().message));
    return Credentials(std::make_shared<Impl const>(Impl{std::filesystem::absolute(certificate),
                                                         std::filesystem::absolute(key), std::move(*parsed),
                                                         std::move(*opener)}));
}

std::filesystem::path const& Credentials::certificate_file() const {
    return impl_->certificate_file;
}
std::filesystem::path const& Credentials::key_file() const {
    return impl_->key_file;
}

Bytes Credentials::certificate() const {
    return impl_->opener.certificate();
}

Result<Bytes> Credentials::open(BytesView envelope) const {
    auto plain = impl_->opener.open(envelope);
    if (!plain)
        return fail(Code::bad_reply, "the envelope was not sealed for this certificate, or is damaged");
    return std::move(*plain);
}

} // namespace pointman::client
