// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <pointman/credentials.hpp>
#include <string>
#include <string_view>

namespace pointman::client {

/// MPAPI_SECURITY_FLAGS: names and values of the original, to be or-ed.
namespace security {
inline constexpr std::uint32_t mixed_mode = 0x00000000;      ///< plain HTTP
inline constexpr std::uint32_t native_mode = 0x00000001;     ///< HTTPS with a client certificate
inline constexpr std::uint32_t sign_message = 0x00000002;    ///< with the client certificate's key
inline constexpr std::uint32_t encrypt_message = 0x00000004; ///< for the management point; mixed mode only
inline constexpr std::uint32_t enable_crl_checking = 0x00000008; ///< of the TLS certificate; native mode only
inline constexpr std::uint32_t compress = 0x80000000;            ///< zlib, of the message and of its reply
} // namespace security

enum class HashAlgorithm : std::uint8_t { sha1, sha256, sha384, sha512 };

/// ISmsMessageAttachment: a view of an attachment, valid until its message is changed.
class POINTMAN_API Attachment {
public:
    Attachment(std::string_view name, BytesView bytes)
        : name_(name)
        , bytes_(bytes) {}
    std::string_view name() const { return name_; }      ///< GetName
    std::size_t length() const { return bytes_.size(); } ///< GetLength
    BytesView bytes() const { return bytes_; }
    /// CopyToBuffer. Fails with invalid_argument where the buffer is shorter than the attachment; nothing is
    /// copied then.
    Result<void> copy_to_buffer(std::span<std::byte> buffer) const;
    /// CopyToFile. An existing file is replaced when the whole copy is written. Fails with storage,
    /// storage_full.
    Result<void> copy_to_file(std::filesystem::path const& file) const;

private:
    std::string_view name_;
    BytesView bytes_;
};

/// ISmsMessage, ISmsMessage2 and ISmsMessage4: one message, a request or a reply. A value: copies are
/// independent.
class POINTMAN_API Message {
public:
    Message();
    Message(Message const&);
    Message(Message&&) noexcept;
    Message& operator=(Message const&);
    Message& operator=(Message&&) noexcept;
    ~Message();

    // --- ISmsMessage

    /// SetTargetEndpoint: "MP_PolicyManager", "StatusReceiver" ...
    void set_target_endpoint(std::string name);
    std::string const& target_endpoint() const;

    /// SetBodyFromString: UTF-8, sent as UTF-16 LE with a terminating NUL. Bytes that are not UTF-8 become
    /// U+FFFD.
    void set_body_from_string(std::string_view utf8);
    /// SetBodyFromBuffer: sent as given.
    void set_body_from_buffer(BytesView bytes);
    /// SetBodyFromFile: read now, sent as it is. Fails with not_found, storage.
    Result<void> set_body_from_file(std::filesystem::path const& file);
    /// GetBodyLength, in bytes: of a text its UTF-16 with the NUL.
    std::size_t body_length() const;
    /// GetBodyToBuffer. Valid until the message is changed.
    BytesView body() const;
    /// GetBodyToString, in UTF-8, without the NUL. Fails with datatype_mismatch where the body is not UTF-16
    /// that ends with a NUL.
    Result<std::string> body_string() const;

    /// SetProperty: replaces the property of that name; names are compared without case.
    void set_property(std::string name, std::string value);
    /// GetPropertyByName.
    std::optional<std::string_view> property(std::string_view name) const;

    /// SetAttachmentFromBuffer: replaces the attachment of that name, in its place.
    void set_attachment_from_buffer(std::string name, BytesView bytes);
    /// SetAttachmentFromFile: read now. Fails with not_found, storage.
    Result<void> set_attachment_from_file(std::string name, std::filesystem::path const& file);
    /// GetAttachmentCount.
    std::size_t attachment_count() const;
    /// GetAttachmentByIndex, from 0. Fails with not_found.
    Result<Attachment> attachment(std::size_t index) const;
    /// GetAttachmentByName. Fails with not_found.
    Result<Attachment> attachment(std::string_view name) const;

    /// SetTimeout: how long a posted message may wait in the queue before it is dropped; 0 = for ever. As in
    /// the original Invoke ignores it: its deadlines are those of the Messaging.
    void set_timeout(std::chrono::seconds timeout);
    std::chrono::seconds timeout() const;

    // --- ISmsMessage2

    /// SetClientID: `GUID:` and the UUID of the client for which the message speaks.
    void set_client_id(std::string id);
    std::string const& client_id() const;

    // --- ISmsMessage4

    /// SetSecurityFlags: values of `security`.
    void set_security_flags(std::uint32_t flags);
    std::uint32_t security_flags() const;
    /// SetClientCertificate: signs (sign_message), and is shown to a server that asks for it (native mode).
    void set_client_certificate(Credentials credentials);
    std::optional<Credentials> const& client_certificate() const;
    /// VerifyServerSignature: replies have to be signed with the key of one of the certificates in the PEM
    /// file.
    Result<void> verify_server_signature(std::filesystem::path const& certificates);
    /// SetEncryptionCertificatesStore: the management point's encryption certificate, DER. Without it
    /// encrypt_message makes the library ask the management point for it (MPCERT2).
    void set_encryption_certificate(BytesView der);
    /// SetHashAlgorithm: of signatures. SHA-256 as it stands, which later management points demand; the
    /// original's SHA-1 is there for old ones.
    void set_hash_algorithm(HashAlgorithm algorithm);
    /// SetPort: in place of the host's own; 0 = that one, else 80 or 443.
    void set_port(std::uint16_t port);
    /// SetProxy: "http://proxy:3128" or "proxy:3128", without a port 8080; user "" = no authentication. Fails
    /// with invalid_argument.
    Result<void> set_proxy(std::string_view name, std::string user = {}, std::string password = {});

    // --- what the original takes from the machine's certificate stores

    /// PEM file of the CAs that may vouch for the server's TLS certificate; without it those of the system.
    void set_trusted_roots(std::filesystem::path const& file);
    /// PEM file of revocation lists, for enable_crl_checking.
    void set_revocation_lists(std::filesystem::path const& file);

    struct Impl;
    Impl& impl() { return *impl_; }
    Impl const& impl() const { return *impl_; }

private:
    std::unique_ptr<Impl> impl_; ///< null only after a move
};

} // namespace pointman::client
