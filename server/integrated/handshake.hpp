// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "server/integrated/acceptor.hpp"
#include "server/integrated/authorization.hpp"

#include <memory>
#include <string>
#include <variant>

namespace pointman::integrated {

/// Not done: the client shall send the answer to this token.
struct Continue {
    Bytes token;
};

/// The client is who it says.
struct Done {
    std::string account;        ///< `DOMAIN\HOST$`, see accounts.hpp
    std::string_view mechanism; ///< "Kerberos", "NTLM"
    Bytes token;                ///< proves the server to the client; may be empty
};

/// At its end without success.
struct Refused {
    std::string reason; ///< for the log; the client is told nothing
};

using Step = std::variant<Continue, Done, Refused>;

/// Whether a token begins a handshake, as opposed to going on with one. Also true for what is no token at
/// all.
bool begins_handshake(BytesView token);

/// One authentication, token by token.
class Handshake {
public:
    /// Kerberos takes one step, NTLM two and SPNEGO around them at most two more.
    static constexpr int max_steps = 6;

    Handshake(std::shared_ptr<Acceptor const> acceptor, Scheme scheme);
    ~Handshake();
    Handshake(Handshake const&) = delete;
    Handshake& operator=(Handshake const&) = delete;

    Scheme scheme() const;

    /// Blocks: Kerberos writes its replay cache, NTLM reads the list of accounts. After Done or Refused the
    /// handshake is over, and every further step is refused.
    Step step(BytesView token);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace pointman::integrated
