// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pointman::test {

/// An HTTP answer as a client's HTTP library hands it over.
struct HttpReply {
    std::optional<std::string> content_type;
    std::string body;
};

/// How one recorded client reads the answer to a request. The rules are those of wire.md 7.2, restated: each
/// client differs in where it takes the boundary from, how it finds the payload's part, and what it leaves of
/// the text's end.
struct ClientModel {
    std::string_view name;
    /// The XML that the client goes on with; nothing where it stops with an error.
    std::optional<std::string> (*read)(HttpReply const& reply, bool asked_for_compression);
};

std::span<ClientModel const> client_models();

} // namespace pointman::test
