// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "client/messaging/files.hpp"
#include "client/messaging/message_impl.hpp"
#include "client/transport/failure.hpp"
#include "client/transport/url.hpp"
#include "server/wire/openssl.hpp"
#include "server/wire/utf16.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>

#include <algorithm>

namespace pointman::client {

namespace {

/// Every certificate of a PEM file, as its key.
Result<std::vector<wire::PublicKey>> keys_in(std::filesystem::path const& file) {
    auto const pem = read_file(file);
    if (!pem) return std::unexpected(pem.error());
    wire::Bio const bio(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
    std::vector<wire::PublicKey> keys;
    while (true) {
        wire::Certificate const certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
        if (!certificate) break;
        unsigned char* data = nullptr;
        auto const size = i2d_X509(certificate.get(), &data);
        auto key = wire::PublicKey::from_certificate(
            std::as_bytes(std::span(data, static_cast<std::size_t>(std::max(size, 0)))));
        OPENSSL_free(data);
        if (!key)
            return fail(Code::invalid_argument, fmt::format("{}: {}", file.string(), key.error().message));
        keys.push_back(std::move(*key));
    }
    ERR_clear_error(); // the end of the file is an error there
    if (keys.empty())
        return fail(Code::invalid_argument,
                    fmt::format("{} holds no certificate in PEM form", file.string()));
    return keys;
}

template <class Named>
auto find_named(std::vector<Named>& among, std::string_view name) {
    return std::ranges::find_if(among, [&](Named const& one) { return equal_ignoring_case(one.name, name); });
}

} // namespace

Result<void> Attachment::copy_to_buffer(std::span<std::byte> buffer) const {
    if (buffer.size() < bytes_.size())
        return fail(Code::invalid_argument,
                    fmt::format("the attachment '{}' has {} bytes, and the buffer holds {}", name_,
                                bytes_.size(), buffer.size()));
    std::ranges::copy(bytes_, buffer.begin());
    return {};
}

Result<void> Attachment::copy_to_file(std::filesystem::path const& file) const {
    constexpr mode_t as_the_umask_says = 0666;
    return write_file(file, bytes_, as_the_umask_says);
}

Message::Message()
    : impl_(std::make_unique<Impl>()) {}
Message::Message(Message const& other)
    : impl_(std::make_unique<Impl>(*other.impl_)) {}
Message::Message(Message&&) noexcept = default;
Message& Message::operator=(Message const& other) {
    if (this != &other) impl_ = std::make_unique<Impl>(*other.impl_);
    return *this;
}
Message& Message::operator=(Message&&) noexcept = default;
Message::~Message() = default;

void Message::set_target_endpoint(std::string name) {
    impl_->endpoint = std::move(name);
}
std::string const& Message::target_endpoint() const {
    return impl_->endpoint;
}

void Message::set_body_from_string(std::string_view utf8) {
    impl_->body = wire::signed_text(utf8);
}
void Message::set_body_from_buffer(BytesView bytes) {
    impl_->body.assign(bytes.begin(), bytes.end());
}
Result<void> Message::set_body_from_file(std::filesystem::path const& file) {
    auto content = read_file(file);
    if (!content) return std::unexpected(content.error());
    impl_->body = std::move(*content);
    return {};
}
std::size_t Message::body_length() const {
    return impl_->body.size();
}
BytesView Message::body() const {
    return impl_->body;
}

Result<std::string> Message::body_string() const {
    auto const& body = impl_->body;
    bool const terminated = body.size() >= 2 && body.size() % 2 == 0 && body.back() == std::byte{0} &&
                            body[body.size() - 2] == std::byte{0};
    if (!terminated) return fail(Code::datatype_mismatch, "the body is no UTF-16 text that ends with a NUL");
    // By itself as UTF-16: a mark says which half comes first, and without one it is little-endian.
    auto text = BytesView(body).first(body.size() - 2);
    Bytes marked{std::byte{0xFF}, std::byte{0xFE}};
    bool const has_mark = wire::detect_encoding(text).mark_length == 2;
    if (!has_mark) {
        marked.insert(marked.end(), text.begin(), text.end());
        text = marked;
    }
    auto utf8 = wire::to_utf8(text);
    if (!utf8) return fail(Code::datatype_mismatch, utf8.error());
    return std::move(*utf8);
}

void Message::set_property(std::string name, std::string value) {
    auto const found = find_named(impl_->properties, name);
    if (found == impl_->properties.end()) {
        impl_->properties.push_back({std::move(name), std::move(value)});
    } else {
        found->value = std::move(value);
    }
}
std::optional<std::string_view> Message::property(std::string_view name) const {
    auto const found = find_named(impl_->properties, name);
    if (found == impl_->properties.end()) return std::nullopt;
    return found->value;
}

void Message::set_attachment_from_buffer(std::string name, BytesView bytes) {
    Bytes content(bytes.begin(), bytes.end());
    auto const found = find_named(impl_->attachments, name);
    if (found == impl_->attachments.end()) {
        impl_->attachments.push_back({std::move(name), std::move(content)});
    } else {
        found->bytes = std::move(content);
    }
}
Result<void> Message::set_attachment_from_file(std::string name, std::filesystem::path const& file) {
    auto const content = read_file(file);
    if (!content) return std::unexpected(content.error());
    set_attachment_from_buffer(std::move(name), *content);
    return {};
}
std::size_t Message::attachment_count() const {
    return impl_->attachments.size();
}
Result<Attachment> Message::attachment(std::size_t index) const {
    if (index >= impl_->attachments.size())
        return fail(Code::not_found, fmt::format("there is no attachment {}: the message has {}", index,
                                                 impl_->attachments.size()));
    auto const& found = impl_->attachments[index];
    return Attachment(found.name, found.bytes);
}
Result<Attachment> Message::attachment(std::string_view name) const {
    auto const found = find_named(impl_->attachments, name);
    if (found == impl_->attachments.end())
        return fail(Code::not_found, fmt::format("there is no attachment '{}'", name));
    return Attachment(found->name, found->bytes);
}

void Message::set_timeout(std::chrono::seconds timeout) {
    impl_->timeout = timeout;
}
std::chrono::seconds Message::timeout() const {
    return impl_->timeout;
}

void Message::set_client_id(std::string id) {
    impl_->client_id = std::move(id);
}
std::string const& Message::client_id() const {
    return impl_->client_id;
}

void Message::set_security_flags(std::uint32_t flags) {
    impl_->flags = flags;
}
std::uint32_t Message::security_flags() const {
    return impl_->flags;
}
void Message::set_client_certificate(Credentials credentials) {
    impl_->credentials = std::move(credentials);
}
std::optional<Credentials> const& Message::client_certificate() const {
    return impl_->credentials;
}
Result<void> Message::verify_server_signature(std::filesystem::path const& certificates) {
    auto keys = keys_in(certificates);
    if (!keys) return std::unexpected(keys.error());
    impl_->server_signers = std::move(*keys);
    return {};
}
void Message::set_encryption_certificate(BytesView der) {
    impl_->encryption_certificate.assign(der.begin(), der.end());
}
void Message::set_hash_algorithm(HashAlgorithm algorithm) {
    impl_->hash = algorithm;
}
void Message::set_port(std::uint16_t port) {
    impl_->port = port;
}

Result<void> Message::set_proxy(std::string_view name, std::string user, std::string password) {
    auto const url = parse_url(name.find("://") == std::string_view::npos ? fmt::format("http://{}", name)
                                                                          : std::string(name));
    if (!url) return std::unexpected(url.error());
    if (url->tls || !url->target.empty())
        return fail(Code::invalid_argument, fmt::format("'{}' is no proxy: write http://HOST:PORT", name));
    constexpr std::uint16_t usual_port = 8080;
    impl_->proxy = {.host = url->host,
                    .port = url->port == 0 ? usual_port : url->port,
                    .user = std::move(user),
                    .password = std::move(password)};
    return {};
}

void Message::set_trusted_roots(std::filesystem::path const& file) {
    impl_->roots = std::filesystem::absolute(file).string();
}
void Message::set_revocation_lists(std::filesystem::path const& file) {
    impl_->revocation_lists = std::filesystem::absolute(file).string();
}

} // namespace pointman::client
