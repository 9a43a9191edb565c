// SPDX-License-Identifier: Apache-2.0
#include "schemas/guard.hpp"

#include "schemas/place.hpp"

#include <algorithm>

namespace pointman::schemas {
namespace {

struct Finding {
    std::size_t offset;
    char const* message;
};

class Guard {
public:
    Guard(std::string_view text, Limits const& limits)
        : text_(text)
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
    bool find(char wanted) {
        at_ = std::min(text_.find(wanted, at_), text_.size());
        return at_ < text_.size();
    }

    bool starts_with(std::string_view ascii) const { return text_.substr(at_).starts_with(ascii); }

    void skip_past(std::string_view ascii, std::size_t from) {
        auto const found = text_.find(ascii, at_ + from);
        at_ = found == std::string_view::npos ? text_.size() : found + ascii.size();
    }

    /// Every attribute has a quoted value, so quotes are what is counted.
    std::optional<Finding> start_tag() {
        std::size_t attributes = 0;
        for (++at_; at_ < text_.size(); ++at_) {
            switch (text_[at_]) {
            case '>':
                ++at_;
                return std::nullopt;
            case 'x':
                if (starts_with("xmlns") && ++namespaces_ > limits_.max_namespace_declarations) {
                    return Finding{at_, "too many namespace declarations"};
                }
                break;
            case '"':
            case '\'':
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
        char const quote = text_[at_++];
        find(quote);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t namespaces_ = 0;
    Limits const& limits_;
};

} // namespace

std::optional<Error> find_danger(std::string_view text, Limits const& limits) {
    auto const excess = Guard(text, limits).run();
    if (!excess) return std::nullopt;
    // Counted only now: counting while looking would slow down every document.
    auto const place = place_of(text, excess->offset);
    return Error{Code::limit_exceeded, excess->message, {}, place.line, place.column};
}

} // namespace pointman::schemas
