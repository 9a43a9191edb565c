// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "server/wire/msg_document.hpp"
#include "server/wire/utf16.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace pointman::wire {

namespace {

using schemas::Element;

std::unexpected<Error> fail_at(Element const& element, Code code, std::string message) {
    return std::unexpected(Error{.code = code,
                                 .message = std::move(message),
                                 .detail = {},
                                 .line = element.line(),
                                 .column = element.column()});
}

struct TextField {
    std::string_view element;
    std::string Header::* member;
};

constexpr std::array text_fields{
    TextField{"CorrelationID", &Header::correlation_id},
    TextField{"ID", &Header::id},
    TextField{"Priority", &Header::priority},
    TextField{"Protocol", &Header::protocol},
    TextField{"ReplyMode", &Header::reply_mode},
    TextField{"ReplyTo", &Header::reply_to},
    TextField{"SentTime", &Header::sent_time},
    TextField{"SourceHost", &Header::source_host},
    TextField{"SourceID", &Header::source_id},
    TextField{"SourceType", &Header::source_type},
    TextField{"TargetAddress", &Header::target_address},
    TextField{"TargetEndpoint", &Header::target_endpoint},
    TextField{"TargetHost", &Header::target_host},
    TextField{"Timeout", &Header::timeout},
};

/// A decimal number; one beyond what a size can hold is as good as the largest, since ranges are clamped
/// later.
Result<std::size_t> number(Element const& element, std::string_view attribute, std::size_t otherwise) {
    auto const given = element.attribute(attribute);
    if (!given) return otherwise;
    auto const text = trim(*given);
    std::size_t value = 0;
    auto const [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size() || status == std::errc::invalid_argument)
        return fail_at(element, Code::malformed,
                       std::string(element.name()) + "/@" + std::string(attribute) + " is no decimal number");
    return status == std::errc{} ? value : std::numeric_limits<std::size_t>::max();
}

/// Without Length: all that follows.
Result<Range> range_of(Element const& element) {
    auto const offset = number(element, "Offset", 0);
    if (!offset) return std::unexpected(offset.error());
    auto const length = number(element, "Length", std::numeric_limits<std::size_t>::max());
    if (!length) return std::unexpected(length.error());
    return Range{.offset = *offset, .length = *length};
}

/// Properties of the message have a Value, those of a hook a text (wire.md 4); either is taken in either
/// place. The text is kept to the last blank: a Token's line breaks are part of it.
Property property_of(Element const& element) {
    auto const value = element.attribute("Value");
    return {.name = std::string(element.attribute_or("Name", "")),
            .value = std::string(value ? *value : element.text())};
}

class Reader {
public:
    explicit Reader(Limits const& limits)
        : limits_(limits) {}

    Result<Header> read(Element const& root) {
        if (auto const compression = root.attribute("ReplyCompression"))
            header_.reply_compression = std::string(*compression);
        header_.schema_version = root.attribute_or("SchemaVersion", "");
        for (auto const child : root.children()) {
            if (auto const done = read_child(child); !done) return std::unexpected(done.error());
        }
        return std::move(header_);
    }

private:
    using Done = Result<void>;

    Done read_child(Element const& child) {
        auto const name = child.name();
        if (auto const* field = std::ranges::find(text_fields, name, &TextField::element);
            field != text_fields.end())
            return take_text(header_.*(field->member), child);
        if (name == "Body") return read_body(child);
        if (name == "Attachment") return read_attachment(child);
        if (name == "Hooks") return read_hooks(child);
        if (name == "Property") return add_property(header_.properties, child);
        if (name == "Properties") return add_properties(header_.properties, child);
        if (name == "Payload") return take_payload_type(child);
        if (name == "ReplyCapabilities") return take_capabilities(child);
        header_.unknown.push_back({.name = std::string(name), .value = std::string(child.text())});
        return {};
    }

    /// The first of several counts, as for every reader that asks for a child by name.
    static Done take_text(std::string& field, Element const& child) {
        if (field.empty()) field = trim(child.text());
        return {};
    }

    Done take_payload_type(Element const& child) {
        if (header_.payload_type.empty()) header_.payload_type = trim(child.attribute_or("Type", ""));
        return {};
    }

    Done take_capabilities(Element const& child) {
        auto const reset = child.child("AllowRegistrationReset");
        return reset ? take_text(header_.allow_registration_reset, *reset) : Done{};
    }

    Done read_body(Element const& child) {
        if (!header_.body) {
            auto const range = range_of(child);
            if (!range) return std::unexpected(range.error());
            header_.body = *range;
        }
        return add_properties(header_.properties,
                              child); // one of the places that the API's contract leaves open
    }

    Done read_attachment(Element const& child) {
        if (header_.attachments.size() == limits_.max_attachments)
            return fail_at(child, Code::limit_exceeded, "too many attachments");
        auto const range = range_of(child);
        if (!range) return std::unexpected(range.error());
        header_.attachments.push_back({.name = std::string(child.attribute_or("Name", "")),
                                       .type = std::string(child.attribute_or("Type", "")),
                                       .range = *range});
        return {};
    }

    Done read_hooks(Element const& hooks) {
        for (auto const child : hooks.children()) {
            if (header_.hooks.size() == limits_.max_hooks)
                return fail_at(child, Code::limit_exceeded, "too many hooks");
            Hook hook{.element = std::string(child.name()),
                      .name = std::string(trim(child.attribute_or("Name", ""))),
                      .properties = {}};
            if (auto const done = add_properties(hook.properties, child); !done) return done;
            header_.hooks.push_back(std::move(hook));
        }
        return {};
    }

    Done add_properties(std::vector<Property>& properties, Element const& parent) {
        for (auto const child : parent.children()) {
            if (child.name() != "Property") continue;
            if (auto const done = add_property(properties, child); !done) return done;
        }
        return {};
    }

    Done add_property(std::vector<Property>& properties, Element const& child) {
        if (properties.size() == limits_.max_properties)
            return fail_at(child, Code::limit_exceeded, "too many properties");
        properties.push_back(property_of(child));
        return {};
    }

    Limits const& limits_;
    Header header_;
};

} // namespace

Result<schemas::Document> parse_msg_document(BytesView document, Limits const& limits) {
    if (document.size() > limits.max_header) return fail(Code::limit_exceeded, "header document too large");
    auto const text = strip_trailer(document);
    if (detect_encoding(text).encoding != Encoding::utf8 && text.size() % 2 != 0)
        return fail(Code::malformed, "odd number of bytes in UTF-16 text");
    // Msg/Hooks/Hook2/Property is all the depth there is; a little more lets unknown children through.
    return schemas::parse(text, schemas::Limits{.max_bytes = limits.max_header,
                                                .max_depth = 16,
                                                .max_attributes = 16,
                                                .max_name = 128,
                                                .max_text = limits.max_header,
                                                .max_elements = limits.max_header});
}

Result<Header> read_header(schemas::Element const& root, Limits const& limits) {
    if (root.name() != "Msg") return fail_at(root, Code::malformed, "root of the header document is not Msg");
    return Reader(limits).read(root);
}

Result<Header> parse_header(BytesView document, Limits const& limits) {
    auto const parsed = parse_msg_document(document, limits);
    if (!parsed) return std::unexpected(parsed.error());
    return read_header(parsed->root(), limits);
}

} // namespace pointman::wire
