// SPDX-License-Identifier: Apache-2.0
#include "server/http/head.hpp"

#include "base/text.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <limits>

namespace pointman::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;

/// Takes the head from Beast's parser straight into a Request, without a container of fields between.
class HeadReader final : public beast_http::basic_parser<true> {
public:
    HeadReader() {
        // The head is limited before it is parsed and the body is read elsewhere.
        header_limit(std::numeric_limits<std::uint32_t>::max());
        skip(true);
    }

    RequestHead head;
    std::optional<Refusal> refusal;

private:
    void on_request_impl(beast_http::verb, boost::beast::string_view method, boost::beast::string_view target,
                         int version, error_code& error) override {
        head.request.method.assign(method.data(), method.size());
        head.framing.http_1_0 = version < 11;
        auto parts = http::parse_target({target.data(), target.size()});
        if (!parts) return refuse(std::move(parts.error()), error);
        head.request.target = std::move(parts->target);
        head.request.path = std::move(parts->path);
        head.request.query = std::move(parts->query);
    }

    void on_field_impl(beast_http::field field, boost::beast::string_view name,
                       boost::beast::string_view value, error_code& error) override {
        switch (field) {
        case beast_http::field::content_length:
            // A list of equal lengths is legal to merge; nobody sends it who means well.
            if (++content_lengths_ > 1 || value.find(',') != boost::beast::string_view::npos)
                return refuse({400, "more than one Content-Length"}, error);
            break;
        case beast_http::field::transfer_encoding:
            ++transfer_encodings_;
            if (!equal_ignoring_case({value.data(), value.size()}, "chunked"))
                return refuse({501, "transfer coding other than chunked"}, error);
            break;
        case beast_http::field::host:
            if (++hosts_ > 1) return refuse({400, "more than one Host"}, error);
            break;
        case beast_http::field::expect:
            head.framing.expects_continue = equal_ignoring_case({value.data(), value.size()}, "100-continue");
            break;
        default:
            break;
        }
        head.request.headers.emplace_back(to_lower({name.data(), name.size()}),
                                          std::string(value.data(), value.size()));
    }

    void on_header_impl(error_code& error) override {
        if (content_lengths_ > 0 && transfer_encodings_ > 0)
            return refuse({400, "Content-Length and Transfer-Encoding"}, error);
        if (transfer_encodings_ > 1) return refuse({400, "more than one Transfer-Encoding"}, error);
        if (transfer_encodings_ > 0 && head.framing.http_1_0)
            return refuse({400, "Transfer-Encoding in HTTP/1.0"}, error);
    }

    void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    std::size_t on_body_impl(boost::beast::string_view, error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view, error_code&) override {
        return 0;
    }
    void on_finish_impl(error_code&) override {}

    void refuse(Refusal why, error_code& error) {
        refusal = std::move(why);
        error = beast_http::error::bad_value;
    }

    unsigned content_lengths_ = 0;
    unsigned transfer_encodings_ = 0;
    unsigned hosts_ = 0;
};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

std::expected<std::string, Refusal> decode_path(std::string_view path) {
    std::string decoded;
    decoded.reserve(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
        char c = path[i];
        if (c == '%') {
            auto const high = i + 2 < path.size() ? hex_digit(path[i + 1]) : -1;
            auto const low = i + 2 < path.size() ? hex_digit(path[i + 2]) : -1;
            if (high < 0 || low < 0) return std::unexpected(Refusal{400, "bad percent encoding in the path"});
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (is_control(c)) return std::unexpected(Refusal{400, "control character in the path"});
        decoded.push_back(c);
    }
    return to_lower(decoded);
}

/// What follows scheme and authority; the whole text where it is no absolute form.
std::string_view without_authority(std::string_view target) {
    for (std::string_view scheme : {"http://", "https://"}) {
        if (!starts_with_ignoring_case(target, scheme)) continue;
        auto const rest = target.substr(scheme.size());
        auto const begin = rest.find_first_of("/?");
        return begin == std::string_view::npos ? std::string_view{} : rest.substr(begin);
    }
    return target;
}

} // namespace

std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t seen) {
    // The last two bytes of what was seen can be the beginning of the end.
    auto const from = seen > 2 ? seen - 2 : 0;
    for (auto at = bytes.find('\n', from); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
        auto const rest = bytes.substr(at + 1);
        if (rest.starts_with('\n')) return at + 2;
        if (rest.starts_with("\r\n")) return at + 3;
    }
    return std::nullopt;
}

bool may_begin_method(char c) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    auto const lower = static_cast<char>(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
}

std::expected<Target, Refusal> parse_target(std::string_view target) {
    auto const local = without_authority(target);
    Target parts;
    if (local.empty() || local.front() == '?') parts.target = "/";
    parts.target += local;
    if (parts.target.front() != '/' && parts.target != "*")
        return std::unexpected(Refusal{400, "request target is neither a path nor a URL"});
    if (std::ranges::any_of(parts.target, is_control))
        return std::unexpected(Refusal{400, "control character in the request target"});

    auto const mark = parts.target.find('?');
    if (mark != std::string::npos) parts.query = parts.target.substr(mark + 1);
    auto path = decode_path(std::string_view(parts.target).substr(0, mark));
    if (!path) return std::unexpected(std::move(path.error()));
    parts.path = std::move(*path);
    return parts;
}

std::expected<RequestHead, Refusal> parse_head(std::string_view bytes) {
    HeadReader reader;
    error_code error;
    auto const used = reader.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (reader.refusal) return std::unexpected(std::move(*reader.refusal));
    if (error == beast_http::error::bad_version)
        return std::unexpected(Refusal{400, "not HTTP/1.0 or HTTP/1.1"});
    if (error) return std::unexpected(Refusal{400, error.message()});
    // Something that Beast takes for the end of the head, but find_head_end does not, must not become a
    // second request.
    if (used != bytes.size() || !reader.is_header_done())
        return std::unexpected(Refusal{400, "head of doubtful length"});

    auto& framing = reader.head.framing;
    framing.chunked = reader.chunked();
    framing.length = reader.content_length().value_or(0);
    framing.keep_alive = reader.keep_alive();
    return std::move(reader.head);
}

} // namespace pointman::http
