// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <memory>
#include <string>

namespace pointman::test {

/// The client's side of a handshake with NTLM, bare or inside SPNEGO, by the system's own mechanism.
class GssClient {
public:
    enum class Form { ntlm, spnego };

    /// `account` as DOMAIN\USER or USER; `host` as the server calls itself. Throws where the system has no
    /// NTLM.
    GssClient(std::string const& account, std::string const& password, std::string const& host,
              Form form = Form::ntlm);
    ~GssClient();
    GssClient(GssClient const&) = delete;
    GssClient& operator=(GssClient const&) = delete;

    /// The next token; `challenge` is empty for the first. Throws std::runtime_error where the mechanism
    /// takes the challenge for none.
    Bytes next(BytesView challenge = {});

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace pointman::test
