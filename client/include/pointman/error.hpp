// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <pointman/export.hpp>
#include <string>
#include <string_view>

namespace pointman::client {

/// Why something did not happen. Beside each: the original's HRESULT, which hresult_of() gives.
enum class Code : std::uint8_t {
    invalid_argument,  ///< E_INVALIDARG 0x80070057
    not_found,         ///< ERROR_NOT_FOUND 0x80070490: no attachment, file, queued message ... of that name
    access_denied,     ///< E_ACCESSDENIED 0x80070005: HTTP 401 or 403, or a local socket of others
    invalid_schema,    ///< SMS_ERR_INVALID_SCHEMA 0x80040605: the body violates the endpoint's schema
    no_reply,          ///< SMS_ERR_NO_REPLY 0x80040607: HTTP 200 without content, which is also a refusal
    datatype_mismatch, ///< SMS_ERR_DATATYPE_MISMATCH, whose number is not published: no NUL-terminated UTF-16
    bad_reply,         ///< ERROR_WINHTTP_INVALID_SERVER_RESPONSE 0x80072F78
    bad_signature,     ///< NTE_BAD_SIGNATURE 0x80090006: what had to be signed is not, or by somebody else
    server_unavailable, ///< RPC_S_SERVER_UNAVAILABLE 0x800706BA: no local management point
    name_not_resolved,  ///< ERROR_WINHTTP_NAME_NOT_RESOLVED 0x80072EE7
    cannot_connect,     ///< ERROR_WINHTTP_CANNOT_CONNECT 0x80072EFD
    connection_lost,    ///< ERROR_WINHTTP_CONNECTION_ERROR 0x80072EFE
    timeout, ///< ERROR_WINHTTP_TIMEOUT 0x80072EE2: connecting, handshake, sending, or the answer took too
             ///< long
    secure_failure, ///< ERROR_WINHTTP_SECURE_FAILURE 0x80072F8F: TLS, a certificate, a revocation list
    busy,           ///< HTTP 408, 429 or 503: worth trying again, see Error::retry_after
    refused,        ///< another HTTP status than 2xx: 0x80190000 + status
    storage,        ///< ERROR_WRITE_FAULT 0x8007001D: a file or a directory failed, or is damaged
    storage_full,   ///< ERROR_DISK_FULL 0x80070070
};

/// An expected failure.
struct Error {
    Code code = Code::invalid_argument;
    /// For a person: what was wrong, where, what to do.
    std::string message{};
    int http_status = 0; ///< where the server answered with one
    /// What the server asked for with Retry-After; 0 = nothing.
    std::chrono::seconds retry_after{};
    /// Where in the offending document, counted from 1; 0 = not known.
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

template <class T>
using Result = std::expected<T, Error>;

/// The original's number; 0 where it has none.
POINTMAN_API std::uint32_t hresult_of(Error const& error);
/// The stable name, e.g. "no_reply".
POINTMAN_API std::string_view name_of(Code code);

} // namespace pointman::client
