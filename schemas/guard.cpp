// SPDX-License-Identifier: Apache-2.0
#include "schemas/guard.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace pointman::schemas {
namespace {

struct Finding {
    std::size_t offset; ///< in units
    char const* message;
};

/// The units of the text, read in the one encoding that `Read` knows.
template <class Read>
class Guard {
public:
    Guard(std::string_view bytes, Limits const& limits)
        : bytes_(bytes)
        , end_(bytes.size() / Read::size)
        , limits_(limits) {}

    std::optional<Finding> run() {
        while (find('<')) {
            if (starts_with("<!--")) {
                skip_past("-->", 4);
            } else if (starts_with("<![CDATA[")) {
                skip_past("]]>", 9);
            } else if (starts_with("<?")) {
                skip_past("?>", 2);
            } else if (starts_with("</")) {
                at_ += 2;
            } else if (auto const found = start_tag()) {
                return found;
            }
        }
        return std::nullopt;
    }

private:
    char16_t unit(std::size_t index) const { return Read::unit(bytes_.data() + index * Read::size); }

    /// An ASCII character: its byte is looked for, which is many times as fast as to look at each unit.
    bool find(char16_t wanted) {
        auto const* const begin = bytes_.data();
        auto const* const end = begin + end_ * Read::size;
        for (auto const* byte = begin + at_ * Read::size; byte < end; ++byte) {
            byte = static_cast<char const*>(
                std::memchr(byte, static_cast<char>(wanted), static_cast<std::size_t>(end - byte)));
            if (byte == nullptr) break;
            auto const at = static_cast<std::size_t>(byte - begin) / Read::size;
            if (unit(at) != wanted) continue;
            at_ = at;
            return true;
        }
        at_ = end_;
        return false;
    }

    bool starts_with(std::string_view ascii) const {
        if (end_ - at_ < ascii.size()) return false;
        for (std::size_t i = 0; i < ascii.size(); ++i) {
            if (unit(at_ + i) != static_cast<unsigned char>(ascii[i])) return false;
        }
        return true;
    }

    void skip_past(std::string_view ascii, std::size_t from) {
        at_ += from;
        while (find(static_cast<unsigned char>(ascii[0]))) {
            if (starts_with(ascii)) {
                at_ += ascii.size();
                return;
            }
            ++at_;
        }
    }

    /// Every attribute has a quoted value, so quotes are what is counted.
    std::optional<Finding> start_tag() {
        std::size_t attributes = 0;
        for (++at_; at_ < end_; ++at_) {
            switch (unit(at_)) {
            case u'>':
                ++at_;
                return std::nullopt;
            case u'x':
                if (starts_with("xmlns") && ++namespaces_ > limits_.max_namespace_declarations) {
                    return Finding{at_, "too many namespace declarations"};
                }
                break;
            case u'"':
            case u'\'':
                if (++attributes > limits_.max_attributes) return Finding{at_, "too many attributes"};
                find_closing();
                break;
            default:
                break;
            }
        }
        return std::nullopt;
    }

    void find_closing() {
        char16_t const quote = unit(at_++);
        find(quote);
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    std::size_t end_;
    std::size_t namespaces_ = 0;
    Limits const& limits_;
};

struct Utf8 {
    static constexpr std::size_t size = 1;
    static char16_t unit(char const* at) { return static_cast<unsigned char>(*at); }
};

struct LittleEndian {
    static constexpr std::size_t size = 2;
    static char16_t unit(char const* at) {
        return static_cast<char16_t>(Utf8::unit(at) | static_cast<unsigned>(Utf8::unit(at + 1)) << 8U);
    }
};

struct BigEndian {
    static constexpr std::size_t size = 2;
    static char16_t unit(char const* at) {
        return static_cast<char16_t>(static_cast<unsigned>(Utf8::unit(at)) << 8U | Utf8::unit(at + 1));
    }
};

/// Bytes in the well-formed sequence at the start (Unicode 15, table 3-7); 0: there is none.
std::size_t sequence_length(std::string_view bytes) {
    auto const at = [&](std::size_t i) {
        return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
    };
    auto const is_tail = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
    unsigned const first = at(0);
    unsigned const second = at(1);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return is_tail(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        bool const overlong = first == 0xE0 && second < 0xA0;
        bool const surrogate = first == 0xED && second > 0x9F;
        return is_tail(1) && is_tail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        bool const overlong = first == 0xF0 && second < 0x90;
        bool const too_high = first == 0xF4 && second > 0x8F;
        return is_tail(1) && is_tail(2) && is_tail(3) && !overlong && !too_high ? 4 : 0;
    }
    return 0;
}

std::optional<Finding> find_invalid_utf8(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        auto const length = sequence_length(bytes.substr(at));
        if (length == 0) return Finding{at, "the bytes are not UTF-8"};
        at += length;
    }
    return std::nullopt;
}

/// Only for errors: counting while looking would slow down every document.
Error to_error(Code code, Finding const& finding, EncodedText const& text) {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    for (std::size_t i = 0; i < finding.offset; ++i) {
        char16_t const unit = text.unit(i);
        bool const before_newline = unit == u'\r' && i + 1 < text.unit_count() && text.unit(i + 1) == u'\n';
        if (unit == u'\n' || (unit == u'\r' && !before_newline)) {
            ++line;
            column = 1;
        } else if (text.encoding != Encoding::utf8 || (unit & 0xC0U) != 0x80U) {
            ++column;
        }
    }
    return {code, finding.message, {}, line, column};
}

std::optional<Finding> find_excess(EncodedText const& text, Limits const& limits) {
    auto const bytes = as_chars(text.bytes);
    switch (text.encoding) {
    case Encoding::utf16_le:
        return Guard<LittleEndian>(bytes, limits).run();
    case Encoding::utf16_be:
        return Guard<BigEndian>(bytes, limits).run();
    case Encoding::utf8:
        break;
    }
    return Guard<Utf8>(bytes, limits).run();
}

} // namespace

std::optional<Error> find_danger(EncodedText const& text, Limits const& limits) {
    if (text.encoding == Encoding::utf8) {
        auto const invalid = find_invalid_utf8(as_chars(text.bytes));
        if (invalid) return to_error(Code::malformed, *invalid, text);
    }
    auto const excess = find_excess(text, limits);
    if (excess) return to_error(Code::limit_exceeded, *excess, text);
    return std::nullopt;
}

} // namespace pointman::schemas
