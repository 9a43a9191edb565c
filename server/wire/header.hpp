// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "server/wire/limits.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::wire {

struct Property {
    std::string name;
    std::string value;
    bool operator==(Property const&) const = default;
};

/// One transformation of the payload, in the order of application (wire.md 5).
struct Hook {
    std::string element; ///< "Hook", "Hook2" or "Hook3"
    std::string name;    ///< "clientauth", "zlib-compress", "encrypt" ...
    std::vector<Property> properties;
    /// Value of the property of that name, compared without case.
    std::optional<std::string_view> property(std::string_view wanted) const;
    bool operator==(Hook const&) const = default;
};

/// Bytes of the payload after all hooks are undone.
struct Range {
    std::size_t offset = 0;
    std::size_t length = 0;
    bool operator==(Range const&) const = default;
};

struct AttachmentRange {
    std::string name; ///< "" where the client gives none
    std::string type; ///< "ByteRange" or ""
    Range range;
    bool operator==(AttachmentRange const&) const = default;
};

enum class Compression { zlib, none };

/// The `Msg` document in front of every message. Fields that a sender left out are empty.
struct Header {
    std::optional<std::string> reply_compression; ///< as written; see wants_compressed_reply
    std::string schema_version;
    std::vector<AttachmentRange> attachments;
    std::optional<Range> body;
    std::string correlation_id;
    std::vector<Hook> hooks;
    std::string id;
    std::string payload_type; ///< "inline", "localcache" ...
    std::string priority;
    std::vector<Property> properties; ///< `Property` children of `Msg`, value as attribute or text
    std::string protocol;
    std::string allow_registration_reset; ///< ReplyCapabilities/AllowRegistrationReset
    std::string reply_mode;
    std::string reply_to;
    std::string sent_time;
    std::string source_host;
    std::string source_id;
    std::string source_type;
    std::string target_address;
    std::string target_endpoint;
    std::string target_host;
    std::string timeout;
    /// Children of `Msg` that this version does not know, name and text, kept.
    std::vector<Property> unknown;

    bool operator==(Header const&) const = default;

    /// Absent means zlib (wire.md 4).
    bool wants_compressed_reply() const;
    bool is_async() const; ///< ReplyMode Async, in any case
    bool is_compressed() const;
    bool is_encrypted() const;
    Hook const*
    hook(std::string_view name) const; ///< the first of that name, without case; nullptr where none
    std::optional<std::string_view> property(std::string_view name) const; ///< without case
    /// The endpoint's plain name: from TargetEndpoint, else TargetAddress; `mp:NAME`, `mp:[http]NAME` and
    /// `NAME` are one target. As written by the client otherwise.
    std::string_view endpoint() const;
};

/// Reads the document: UTF-16 LE or BE or UTF-8, with or without mark. Elements and attributes are found by
/// name in any order. Offsets and lengths that are no decimal number fail; ranges are not checked against a
/// payload here. Fails with malformed or limit_exceeded.
Result<Header> parse_header(BytesView document, Limits const& limits = {});

/// UTF-16 LE with mark, in the alphabetical order that the recorded clients write.
Bytes write_header(Header const& header);

} // namespace pointman::wire
