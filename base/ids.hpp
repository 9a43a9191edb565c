// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace pointman {

/// A client's SMSID in the form that replies carry: `GUID:` and an upper-case UUID.
class ClientId {
public:
    /// Takes `GUID:X`, `GUID:{X}`, `{X}` and `X` in any case; clients write all of them.
    static Result<ClientId> parse(std::string_view text);
    static ClientId random();

    /// `GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3`
    std::string const& text() const { return text_; }
    /// `5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3`
    std::string_view uuid() const { return std::string_view(text_).substr(5); }

    auto operator<=>(ClientId const&) const = default;

private:
    explicit ClientId(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// The UUID of `{X}` or `X`, which may be in any case: in upper case, without braces. Nothing for any other text.
std::optional<std::string> uuid_in(std::string_view text);

/// A fresh random UUID (version 4) in upper case, without braces.
std::string random_uuid();

/// `{UUID}` for a fresh random UUID: the form of message ids.
std::string random_message_id();

} // namespace pointman
