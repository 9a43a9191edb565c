// SPDX-License-Identifier: Apache-2.0
#include "server/tls/shown.hpp"

#include "server/tls/certificate.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <cstdint>
#include <span>

namespace pointman::tls {
namespace {

/// Application data of a ticket: one byte, then each intermediate as its length in three bytes and its DER.
constexpr std::size_t max_ticket_bytes = std::size_t{8} * 1024;
constexpr std::byte complete{1};
constexpr std::byte not_resumable{2};
constexpr std::size_t length_bytes = 3;

void add_chain(STACK_OF(X509) const* chain, Shown& shown) {
    auto const count = static_cast<std::size_t>(std::max(0, sk_X509_num(chain)));
    shown.excessive = count > Shown::max_intermediates;
    std::size_t bytes = 0;
    for (int i = 0; !shown.excessive && i < sk_X509_num(chain); ++i) {
        shown.intermediates.push_back(to_der(sk_X509_value(chain, i)));
        bytes += shown.intermediates.back().size();
        shown.excessive = bytes > Shown::max_intermediate_bytes;
    }
    if (shown.excessive) shown.intermediates.clear();
}

Bytes to_ticket(Shown const& shown) {
    Bytes data{complete};
    for (auto const& der : shown.intermediates) {
        for (auto const shift : {16U, 8U, 0U}) data.push_back(static_cast<std::byte>(der.size() >> shift));
        data.insert(data.end(), der.begin(), der.end());
    }
    if (shown.excessive || data.size() > max_ticket_bytes) data.assign(1, not_resumable);
    return data;
}

BytesView ticket_data(SSL_SESSION* session) {
    void* data = nullptr;
    std::size_t size = 0;
    if (session == nullptr || SSL_SESSION_get0_ticket_appdata(session, &data, &size) != 1) return {};
    return {static_cast<std::byte const*>(data), size};
}

std::vector<Bytes> from_ticket(BytesView data) {
    std::vector<Bytes> intermediates;
    if (!data.empty()) data = data.subspan(1);
    while (data.size() > length_bytes) {
        std::size_t size = 0;
        for (auto const byte : data.first(length_bytes))
            size = size << 8U | std::to_integer<std::size_t>(byte);
        data = data.subspan(length_bytes);
        auto const der = data.first(std::min(size, data.size()));
        intermediates.emplace_back(der.begin(), der.end());
        data = data.subspan(der.size());
    }
    return intermediates;
}

int write_ticket(SSL* connection, void*) {
    // The session that was resumed has its data already, and its chain no more.
    if (SSL_session_reused(connection) == 1) return 1;
    auto const data = to_ticket(shown_by(connection));
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(connection), data.data(), data.size());
}

SSL_TICKET_RETURN read_ticket(SSL*, SSL_SESSION* session, unsigned char const*, std::size_t,
                              SSL_TICKET_STATUS status, void*) {
    bool const good = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
    if (!good) return SSL_TICKET_RETURN_IGNORE_RENEW;
    auto const data = ticket_data(session);
    if (data.empty() || data.front() != complete) return SSL_TICKET_RETURN_IGNORE_RENEW;
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

} // namespace

Shown shown_by(ssl_st* connection) {
    Shown shown;
    Certificate const leaf(SSL_get1_peer_certificate(connection));
    if (!leaf) return shown;
    shown.leaf = to_der(leaf.get());
    if (SSL_session_reused(connection) == 1) {
        shown.intermediates = from_ticket(ticket_data(SSL_get_session(connection)));
    } else if (auto const* const chain = SSL_get_peer_cert_chain(connection)) {
        add_chain(chain, shown);
    }
    return shown;
}

void keep_in_tickets(ssl_ctx_st* context) {
    SSL_CTX_set_session_ticket_cb(context, write_ticket, read_ticket, nullptr);
}

} // namespace pointman::tls
