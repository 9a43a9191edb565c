// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/wire/header.hpp"

#include <functional>
#include <variant>

namespace pointman::wire {

/// A message as it came: the header read, the payload still under its hooks. Document and payload are views
/// of the HTTP body.
struct Envelope {
    Header header;
    BytesView document;       ///< first part, as sent
    BytesView payload;        ///< second part, as sent; empty when there is only one part
    bool has_payload = false; ///< false for a message whose payload was uploaded beforehand

    /// Whether the payload is an upload that has the message's ID (wire.md 10.1a).
    bool names_upload() const;
};

/// `<UploadRequest NetworkType="..."><MessageID>`: the one document that stands in place of `Msg`
/// (wire.md 10.1).
struct UploadRequest {
    std::string network_type;
    std::string message_id;
};

using Decoded = std::variant<Envelope, UploadRequest>;

/// Splits the multipart body and reads the first part. Parts are found by order, not by type; parts behind
/// the second are ignored. `http_content_type` is the HTTP header's value, from which the boundary is taken;
/// where it is empty, the first line of the body names the boundary. A `Msg` that names no endpoint cannot be
/// delivered and fails. Fails with malformed or limit_exceeded, with line and column where the Msg document
/// is at fault.
Result<Decoded> decode(std::string_view http_content_type, BytesView body, Limits const& limits = {});

struct Attachment {
    std::string_view name;
    BytesView bytes;
};

/// A message with all hooks undone. Views point into `payload`; movable, not copyable.
class Message {
public:
    Message(Header header, Bytes payload);
    Message(Message&&) noexcept = default;
    Message& operator=(Message&&) noexcept = default;
    Message(Message const&) = delete;
    Message& operator=(Message const&) = delete;

    Header const& header() const { return header_; }
    BytesView payload() const { return payload_; }
    /// The body's range clamped to the payload, trailing NUL, CR and LF units stripped, mark kept. Without a
    /// `Body` element, the whole payload.
    BytesView body() const;
    /// In the order of the header; the last of several with the same name wins; an unnamed one that covers
    /// just the body is the body again and left out. Clamped like the body, bytes otherwise untouched.
    std::vector<Attachment> attachments() const;
    /// The distinct ranges of body and all attachments, body first, each clamped and without trailer: where a
    /// report may stand (wire.md 3.2). Empty ranges other than the body's are left out.
    std::vector<BytesView> ranges() const;

private:
    Header header_;
    Bytes payload_;
};

/// Opens the bytes of an `encrypt` hook (CMS EnvelopedData).
using Decrypt = std::function<Result<Bytes>(BytesView)>;

/// The payload that signatures cover: compressed, not encrypted. Without an `encrypt` hook the payload as
/// sent. Fails with malformed for a hook that is not known, one given twice, or compression after encryption.
Result<Bytes> decrypted_payload(Envelope const& envelope, Decrypt const& decrypt);

/// Undoes compression. `signed_payload` is what decrypted_payload gave.
/// Fails with malformed (no zlib stream, cut short) or limit_exceeded (size or ratio).
Result<Message> open(Header header, BytesView signed_payload, Limits const& limits = {});

// --- writing

/// The boundary that all recorded clients use, and the only one that some of them accept (wire.md 7.2).
inline constexpr std::string_view boundary = "aAbBcCdDv1234567890VxXyYzZ";
/// Value of the HTTP Content-Type header for requests and replies.
inline constexpr std::string_view content_type = "multipart/mixed; boundary=\"aAbBcCdDv1234567890VxXyYzZ\"";

/// What a reply's header says about the sender.
struct ReplyStamp {
    std::string message_id; ///< `{GUID}`
    std::string sent_time;  ///< iso_time
    std::string source_host;
};

/// A reply as wire.md 7.1 lays it out: exactly one U+0000 after the XML, compressed when the request wants
/// it. `xml` is UTF-8 without declaration.
Bytes encode_reply(Header const& request, std::string_view xml, ReplyStamp const& stamp);

/// A multipart with the header part alone: for `security.empty_reply = "header"` (wire.md 7.4).
Bytes encode_header_only(Header const& request, ReplyStamp const& stamp);

/// `<UploadReply>` as one part.
Bytes encode_upload_reply(std::string_view host, std::string_view url);

/// A reply that a client reads: the XML in UTF-8. For the client half and the tests. An empty body is the
/// empty answer (wire.md 7.4): no header, no XML. An `UploadReply` stands alone: no header, the document as
/// XML.
struct DecodedReply {
    std::optional<Header> header;
    std::string xml; ///< "" for a header-only reply
};
Result<DecodedReply> decode_reply(std::string_view http_content_type, BytesView body,
                                  Limits const& limits = {});

struct OutgoingAttachment {
    std::string name;
    Bytes bytes;
};

/// A request in the layout of the recorded clients: body as UTF-16 LE without mark plus NUL, then the
/// attachments, then 0D 0A. Fills header.body, header.attachments and the zlib hook; a signer adds the
/// clientauth hook in front of it.
struct OutgoingRequest {
    Header header;
    std::string xml; ///< UTF-8
    std::vector<OutgoingAttachment> attachments;
    bool compress = true;
    /// Given the payload as it will be sent, returns the clientauth hook. Empty = unsigned.
    std::function<Hook(BytesView signed_payload)> sign;
    /// Given the payload after compression, returns its envelope (seal_envelope). Empty = not encrypted.
    std::function<Bytes(BytesView signed_payload)> seal{};
    /// The body as it is sent, where it is no text: in place of `xml`.
    std::optional<Bytes> body{};
};
Bytes encode_request(OutgoingRequest request);

/// A request put together from what came of it separately.
struct InlineRequest {
    std::string content_type;
    Bytes body;
};

/// The request that a message would have been whose payload was not uploaded: its header document as sent,
/// and the payload as uploaded. The boundary is a random one, which no payload can hold.
InlineRequest put_together(BytesView document, BytesView payload);

// encode_request in two steps, for senders that keep a message or upload its payload.

/// A message that only needs its parts put together.
struct PreparedRequest {
    Header header;
    Bytes payload;
};
PreparedRequest prepare_request(OutgoingRequest request);
/// Both parts.
Bytes encode_inline(PreparedRequest const& request);
/// The header part alone, for a payload that was uploaded beforehand (wire.md 10.1a).
Bytes encode_uploaded(Header header);

/// `<UploadRequest>` as one part (wire.md 10.1).
Bytes encode_upload_request(UploadRequest const& request);

} // namespace pointman::wire
