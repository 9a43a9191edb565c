// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace pointman::tls {

/// The certificates that a client showed at the handshake of a connection, in DER.
struct Shown {
    /// Certificates behind the leaf that are kept, and their bytes in all. No real chain comes near; where a
    /// client sends more, none of them is kept and it counts as untrusted.
    static constexpr std::size_t max_intermediates = 8;
    static constexpr std::size_t max_intermediate_bytes = std::size_t{24} * 1024;

    Bytes leaf; ///< empty: the client showed none
    std::vector<Bytes> intermediates;
    bool excessive = false;
};

/// What the client of this connection showed. A resumed session too has all of it: see keep_in_tickets.
Shown shown_by(ssl_st* connection);

/// OpenSSL puts the leaf alone into a session ticket: resumed, a chain with an intermediate CA would end in
/// the air. So the intermediates travel in the ticket's application data. Where they would make the ticket
/// (which clients send back in their first flight) too large, the session is not resumed but negotiated
/// anew.
void keep_in_tickets(ssl_ctx_st* context);

} // namespace pointman::tls
