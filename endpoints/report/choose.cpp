// SPDX-License-Identifier: Apache-2.0
#include "endpoints/report/choose.hpp"

#include "base/ids.hpp"
#include "base/text.hpp"
#include "endpoints/report/fragment.hpp"
#include "endpoints/report/report_header.hpp"
#include "schemas/validator.hpp"
#include "server/wire/utf16.hpp"

#include <algorithm>
#include <utility>

namespace pointman::endpoints {

namespace {

/// Whether the first character after mark and white space is `<`.
bool begins_like_xml(BytesView bytes) {
    auto const detected = wire::detect_encoding(bytes);
    std::size_t const unit = detected.encoding == wire::Encoding::utf8 ? 1 : 2;
    std::size_t const low = detected.encoding == wire::Encoding::utf16be ? 1 : 0;
    for (auto at = detected.mark_length; at + unit <= bytes.size(); at += unit) {
        auto const c = std::to_integer<char>(bytes[at + low]);
        if (unit == 2 && bytes[at + 1 - low] != std::byte{0}) return false;
        if (c == '<') return true;
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return false;
    }
    return false;
}

/// The client in the header, in one spelling; "" where the document has no header.
std::string client_of(schemas::Document const& document) {
    auto const header = read_report_header(document.root());
    if (!header) return {};
    auto const client = ClientId::parse(header->client_id);
    return client ? client->text() : to_upper(header->client_id);
}

bool name_same_client(schemas::Document const& a, schemas::Document const& b) {
    auto const first = client_of(a);
    auto const second = client_of(b);
    return first.empty() || second.empty() || first == second;
}

/// The longest that ranges may be together, for a payload of that many bytes.
std::size_t longest(wire::Message const& message) {
    return max_overlap * message.payload().size();
}

std::size_t length_of(std::vector<BytesView> const& ranges) {
    std::size_t length = 0;
    for (auto const range : ranges) length += range.size();
    return length;
}

class Search {
public:
    Search(Endpoint const& endpoint, wire::Message const& message, schemas::Limits const& limits)
        : endpoint_(endpoint)
        , message_(message)
        , limits_(limits) {}

    Result<Chosen> run() {
        auto const candidates = report_candidates(message_);
        if (length_of(candidates) > longest(message_)) return overlapping_too_often();
        for (auto const bytes : candidates) {
            auto document = read(bytes);
            if (!document) {
                faults_.push_back({bytes.data(), std::move(document.error())});
            } else if (has_report_content(*document)) {
                return filled({std::move(*document), bytes});
            } else {
                header_only_.push_back({std::move(*document), bytes});
            }
        }
        return nothing_filled();
    }

private:
    struct Fault {
        std::byte const* start;
        Error error;
    };

    Result<schemas::Document> read(BytesView bytes) {
        auto const root = schemas::root_name(bytes);
        if (!root) return std::unexpected(root.error());
        bool const is_fragment = *root == "ReportBody";
        auto const schema =
            is_fragment || *root == "Report" ? schema_of_reports() : endpoint_.schema(message_, *root);
        if (!schema) {
            // A document that is broken anyway is called so, whatever its root.
            if (auto parsed = schemas::parse(bytes, limits_); !parsed) return parsed;
            return std::unexpected(schema.error());
        }
        if (!is_fragment) return schemas::validate(*schema, bytes, limits_);
        return complete(*schema, bytes);
    }

    /// One fragment at most: each costs the whole header again.
    Result<schemas::Document> complete(std::string_view schema, BytesView fragment) {
        if (std::exchange(completed_, true)) {
            return fail(Code::schema_violation, "the message has more than one ReportBody without header");
        }
        auto const report = complete_report(fragment, message_.body());
        if (!report) return std::unexpected(report.error());
        return schemas::validate(schema, as_bytes(*report), limits_);
    }

    /// Asked for once: an endpoint may have to look into the message for it.
    Result<std::string_view> const& schema_of_reports() {
        if (!schema_) schema_ = endpoint_.schema(message_, "Report");
        return *schema_;
    }

    Result<Chosen> filled(Chosen chosen) const {
        auto const agrees = [&](Chosen const& other) {
            return name_same_client(other.document, chosen.document);
        };
        if (!std::ranges::all_of(header_only_, agrees)) {
            return fail(Code::wrong_client, "the body and the attached report name different clients");
        }
        return chosen;
    }

    Result<Chosen> nothing_filled() {
        for (auto& fault : faults_) {
            auto const begins_there = [&](Chosen const& valid) { return valid.bytes.data() == fault.start; };
            if (std::ranges::none_of(header_only_, begins_there))
                return std::unexpected(std::move(fault.error));
        }
        if (!header_only_.empty()) return std::move(header_only_.front());
        return fail(Code::malformed, "neither the body nor an attachment is an XML document");
    }

    Endpoint const& endpoint_;
    wire::Message const& message_;
    schemas::Limits const& limits_;
    std::optional<Result<std::string_view>> schema_;
    bool completed_ = false; ///< a fragment was seen
    std::vector<Chosen> header_only_;
    std::vector<Fault> faults_;
};

} // namespace

std::vector<BytesView> report_candidates(wire::Message const& message) {
    auto candidates = message.ranges();
    std::erase_if(candidates, [](BytesView bytes) { return !begins_like_xml(bytes); });
    return candidates;
}

std::unexpected<Error> overlapping_too_often() {
    return fail(Code::limit_exceeded, "the attachments of the message overlap too often");
}

Result<Chosen> choose_report(Endpoint const& endpoint, wire::Message const& message,
                             schemas::Limits const& limits) {
    return Search(endpoint, message, limits).run();
}

} // namespace pointman::endpoints
