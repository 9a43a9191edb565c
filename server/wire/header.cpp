// SPDX-License-Identifier: Apache-2.0
#include "server/wire/header.hpp"

#include "base/text.hpp"
#include "server/wire/utf16.hpp"

#include <algorithm>

namespace pointman::wire {

namespace {

std::optional<std::string_view> find_property(std::vector<Property> const& properties,
                                              std::string_view wanted) {
    auto const found = std::ranges::find_if(
        properties, [&](Property const& p) { return equal_ignoring_case(p.name, wanted); });
    if (found == properties.end()) return std::nullopt;
    return found->value;
}

/// Collects the document as UTF-8.
class Writer {
public:
    void element(std::string_view name, std::string_view text) {
        out_ += '<';
        out_ += name;
        out_ += '>';
        append_escaped_xml(out_, text);
        out_ += "</";
        out_ += name;
        out_ += '>';
    }

    void element_if_set(std::string_view name, std::string_view text) {
        if (!text.empty()) element(name, text);
    }

    void raw(std::string_view text) { out_ += text; }

    void attribute(std::string_view name, std::string_view value) {
        out_ += ' ';
        out_ += name;
        out_ += "=\"";
        append_escaped_xml(out_, value);
        out_ += '"';
    }

    void attribute_if_set(std::string_view name, std::string_view value) {
        if (!value.empty()) attribute(name, value);
    }

    /// The name stands between Length and Offset in the recorded order.
    void range(Range const& range, std::string_view name = {}) {
        attribute("Length", std::to_string(range.length));
        attribute_if_set("Name", name);
        attribute("Offset", std::to_string(range.offset));
        out_ += " />";
    }

    void attachment(AttachmentRange const& attachment) {
        out_ += "<Attachment";
        attribute_if_set("Type", attachment.type);
        range(attachment.range, attachment.name);
    }

    void hook(Hook const& hook) {
        out_ += "<" + hook.element;
        attribute("Name", hook.name);
        if (hook.properties.empty()) {
            out_ += " />";
            return;
        }
        out_ += ">";
        for (auto const& property : hook.properties) {
            out_ += "<Property";
            attribute("Name", property.name);
            out_ += '>';
            append_escaped_xml(out_, property.value);
            out_ += "</Property>";
        }
        out_ += "</" + hook.element + ">";
    }

    std::string const& text() const { return out_; }

private:
    std::string out_;
};

void write_hooks(Writer& out, std::vector<Hook> const& hooks) {
    if (hooks.empty()) return out.raw("<Hooks />");
    out.raw("<Hooks>");
    for (auto const& hook : hooks) out.hook(hook);
    out.raw("</Hooks>");
}

void write_properties(Writer& out, std::vector<Property> const& properties) {
    for (auto const& property : properties) {
        out.raw("<Property");
        out.attribute("Name", property.name);
        out.attribute("Value", property.value);
        out.raw(" />");
    }
}

void write_payload(Writer& out, std::string_view type) {
    if (type.empty()) return;
    out.raw("<Payload");
    out.attribute("Type", type);
    out.raw(" />");
}

} // namespace

std::optional<std::string_view> Hook::property(std::string_view wanted) const {
    return find_property(properties, wanted);
}

bool Header::wants_compressed_reply() const {
    return !reply_compression || !equal_ignoring_case(trim(*reply_compression), "none");
}

bool Header::is_async() const {
    return equal_ignoring_case(reply_mode, "Async");
}

bool Header::is_compressed() const {
    return hook("zlib-compress") != nullptr;
}

bool Header::is_encrypted() const {
    return hook("encrypt") != nullptr;
}

Hook const* Header::hook(std::string_view name) const {
    auto const found =
        std::ranges::find_if(hooks, [&](Hook const& h) { return equal_ignoring_case(h.name, name); });
    return found == hooks.end() ? nullptr : &*found;
}

std::optional<std::string_view> Header::property(std::string_view name) const {
    return find_property(properties, name);
}

std::string_view Header::endpoint() const {
    std::string_view name = target_endpoint.empty() ? target_address : target_endpoint;
    if (starts_with_ignoring_case(name, "mp:")) name.remove_prefix(3);
    if (auto const end = name.find(']'); name.starts_with('[') && end != std::string_view::npos)
        name.remove_prefix(end + 1);
    return name;
}

Bytes write_header(Header const& header) {
    Writer out;
    out.raw("<Msg");
    if (header.reply_compression) out.attribute("ReplyCompression", *header.reply_compression);
    out.attribute_if_set("SchemaVersion", header.schema_version);
    out.raw(">");
    for (auto const& attachment : header.attachments) out.attachment(attachment);
    if (header.body) {
        out.raw("<Body Type=\"ByteRange\"");
        out.range(*header.body);
    }
    out.element_if_set("CorrelationID", header.correlation_id);
    write_hooks(out, header.hooks);
    out.element_if_set("ID", header.id);
    write_payload(out, header.payload_type);
    out.element_if_set("Priority", header.priority);
    out.element_if_set("SourceType", header.source_type);
    write_properties(out, header.properties);
    out.element_if_set("Protocol", header.protocol);
    if (!header.allow_registration_reset.empty()) {
        out.raw("<ReplyCapabilities>");
        out.element_if_set("AllowRegistrationReset", header.allow_registration_reset);
        out.raw("</ReplyCapabilities>");
    }
    out.element_if_set("ReplyMode", header.reply_mode);
    out.element_if_set("ReplyTo", header.reply_to);
    out.element_if_set("SentTime", header.sent_time);
    out.element_if_set("SourceID", header.source_id);
    out.element_if_set("SourceHost", header.source_host);
    out.element_if_set("TargetAddress", header.target_address);
    out.element_if_set("TargetEndpoint", header.target_endpoint);
    out.element_if_set("TargetHost", header.target_host);
    out.element_if_set("Timeout", header.timeout);
    for (auto const& child : header.unknown) out.element(child.name, child.value);
    out.raw("</Msg>");

    Bytes document{std::byte{0xFF}, std::byte{0xFE}};
    auto const text = to_utf16le(out.text());
    document.insert(document.end(), text.begin(), text.end());
    return document;
}

} // namespace pointman::wire
