// SPDX-License-Identifier: Apache-2.0
#include "base/ids.hpp"
#include "base/text.hpp"
#include "server/wire/message.hpp"
#include "server/wire/utf16.hpp"
#include "server/wire/zlib.hpp"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <optional>

namespace pointman::wire {

namespace {

// One header line a part, and no parameter on the payload's type: wire.md 7.2 tells which clients stop
// otherwise.
constexpr std::string_view header_part_type = "content-type: text/plain; charset=UTF-16";
constexpr std::string_view payload_part_type = "content-type: application/octet-stream";

void append(Bytes& out, BytesView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}
void append(Bytes& out, std::string_view text) {
    append(out, as_bytes(text));
}

enum class Ending { bare, line };

/// The layout of wire.md 3 and 7.1. Requests of the recorded clients end with the closing dashes, replies
/// with a line.
class MultipartWriter {
public:
    explicit MultipartWriter(std::string_view delimiter = boundary)
        : delimiter_(delimiter) {}

    void part(std::string_view header_line, BytesView content) {
        constexpr std::size_t lines = 512; // those around the content, the last one too
        out_.reserve(out_.size() + content.size() + lines);
        append(out_,
               fmt::format("{}--{}\r\n{}\r\n\r\n", out_.empty() ? "" : "\r\n", delimiter_, header_line));
        append(out_, content);
    }

    Bytes finish(Ending ending) {
        append(out_, fmt::format("\r\n--{}--{}", delimiter_, ending == Ending::line ? "\r\n" : ""));
        return std::move(out_);
    }

private:
    std::string_view delimiter_;
    Bytes out_;
};

Bytes terminated_text(std::string_view xml) {
    auto text = to_utf16le(xml);
    text.insert(text.end(), 2, std::byte{0});
    return text;
}

/// A reply's text on its way out.
struct CompressedText {
    std::string xml;
    std::size_t length; ///< of the body, before compression
    Bytes bytes;
};

CompressedText compress_text(std::string_view xml) {
    auto const body = terminated_text(xml);
    return {std::string(xml), body.size(), zlib_compress(body)};
}

/// A fleet asks the same and is answered the same, and to compress the answer is much of what it costs: each
/// thread remembers some of its latest.
CompressedText const& remembered(std::string_view xml) {
    constexpr std::size_t places = 32;
    thread_local std::array<std::optional<CompressedText>, places> latest;
    auto& place = latest[std::hash<std::string_view>()(xml) % places];
    if (!place || place->xml != xml) place = compress_text(xml);
    return *place;
}

/// What is longer takes too much room to be remembered.
constexpr std::size_t most_remembered = std::size_t{16} * 1024;

Hook zlib_hook() {
    return {.element = "Hook3", .name = "zlib-compress", .properties = {}};
}

/// `direct:HOST:SccmMessaging` is answered to SccmMessaging.
std::string endpoint_of_reply_to(std::string_view reply_to) {
    auto const colon = reply_to.rfind(':');
    return std::string(colon == std::string_view::npos ? reply_to : reply_to.substr(colon + 1));
}

/// The fields of wire.md 7.3.
Header reply_header(Header const& request, ReplyStamp const& stamp) {
    Header header;
    header.schema_version = "1.1";
    header.id = stamp.message_id;
    header.correlation_id = request.id;
    header.reply_mode = request.reply_mode.empty() ? "Sync" : request.reply_mode;
    header.target_address = request.reply_to;
    header.target_endpoint = endpoint_of_reply_to(request.reply_to);
    header.source_host = stamp.source_host;
    header.sent_time = stamp.sent_time;
    header.protocol = "http";
    header.payload_type = "inline";
    return header;
}

Bytes header_alone(BytesView document, Ending ending) {
    MultipartWriter writer;
    writer.part(header_part_type, document);
    return writer.finish(ending);
}

Bytes marked_text(std::string_view xml) {
    Bytes document{std::byte{0xFF}, std::byte{0xFE}};
    append(document, to_utf16le(xml));
    return document;
}

/// Body first, then the attachments, whose ranges go to the header.
Bytes lay_out_payload(OutgoingRequest& request) {
    auto payload = request.body ? std::move(*request.body) : terminated_text(request.xml);
    request.header.body = Range{.offset = 0, .length = payload.size()};
    request.header.attachments.clear();
    for (auto const& attachment : request.attachments) {
        request.header.attachments.push_back(
            {.name = attachment.name,
             .type = "ByteRange",
             .range = {.offset = payload.size(), .length = attachment.bytes.size()}});
        append(payload, attachment.bytes);
    }
    append(payload, "\r\n");
    return payload;
}

} // namespace

Bytes encode_reply(Header const& request, std::string_view xml, ReplyStamp const& stamp) {
    auto header = reply_header(request, stamp);
    auto const encode = [&header](std::size_t length, BytesView payload) {
        header.body = Range{.offset = 0, .length = length};
        MultipartWriter writer;
        writer.part(header_part_type, write_header(header));
        writer.part(payload_part_type, payload);
        return writer.finish(Ending::line);
    };
    if (!request.wants_compressed_reply()) {
        auto const payload = terminated_text(xml);
        return encode(payload.size(), payload);
    }
    header.hooks.push_back(zlib_hook());
    if (xml.size() > most_remembered) {
        auto const text = compress_text(xml);
        return encode(text.length, text.bytes);
    }
    auto const& text = remembered(xml);
    return encode(text.length, text.bytes);
}

Bytes encode_header_only(Header const& request, ReplyStamp const& stamp) {
    return header_alone(write_header(reply_header(request, stamp)), Ending::line);
}

Bytes encode_upload_reply(std::string_view host, std::string_view url) {
    return header_alone(marked_text(fmt::format("<UploadReply><Host>{}</Host><URL>{}</URL></UploadReply>",
                                                escape_xml(host), escape_xml(url))),
                        Ending::line);
}

Bytes encode_request(OutgoingRequest request) {
    return encode_inline(prepare_request(std::move(request)));
}

PreparedRequest prepare_request(OutgoingRequest request) {
    auto payload = lay_out_payload(request);
    auto& header = request.header;
    if (header.payload_type.empty()) header.payload_type = "inline";
    if (request.compress) {
        header.hooks.push_back(zlib_hook());
        payload = zlib_compress(payload);
    }
    if (request.sign) header.hooks.insert(header.hooks.begin(), request.sign(payload));
    if (request.seal) {
        header.hooks.push_back({"Hook2", "encrypt", {}});
        payload = request.seal(payload);
    }
    return {.header = std::move(header), .payload = std::move(payload)};
}

Bytes encode_inline(PreparedRequest const& request) {
    MultipartWriter writer;
    writer.part(header_part_type, write_header(request.header));
    writer.part(payload_part_type, request.payload);
    return writer.finish(Ending::bare);
}

InlineRequest put_together(BytesView document, BytesView payload) {
    auto const delimiter = random_uuid();
    MultipartWriter writer(delimiter);
    writer.part(header_part_type, document);
    writer.part(payload_part_type, payload);
    return {fmt::format("multipart/mixed; boundary=\"{}\"", delimiter), writer.finish(Ending::bare)};
}

Bytes encode_uploaded(Header header) {
    header.payload_type = "localcache";
    return header_alone(write_header(header), Ending::bare);
}

Bytes encode_upload_request(UploadRequest const& request) {
    return header_alone(marked_text(fmt::format(
                            R"(<UploadRequest NetworkType="{}"><MessageID>{}</MessageID></UploadRequest>)",
                            escape_xml(request.network_type), escape_xml(request.message_id))),
                        Ending::bare);
}

} // namespace pointman::wire
