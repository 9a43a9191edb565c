// SPDX-License-Identifier: Apache-2.0
#include "client/agent/readable.hpp"

#include "base/text.hpp"
#include "schemas/document.hpp"

#include <fmt/format.h>

namespace pointman::client::agent {

namespace {

using schemas::Element;

class Printer {
public:
    void print(Element const& element, std::size_t depth, bool is_secret) {
        std::string const indent(2 * depth, ' ');
        out_ += fmt::format("{}<{}", indent, element.name());
        for (auto const& [name, value] : element.attributes())
            out_ += fmt::format(" {}=\"{}\"", name, escape_xml(shortened(value)));
        auto const text = trim(element.text());
        if (!element.has_children() && text.empty()) {
            out_ += "/>\n";
            return;
        }
        out_ += ">";
        if (element.has_children()) {
            out_ += "\n";
            print_inside(element, depth + 1, is_secret);
            out_ += indent;
        } else {
            out_ += escape_xml(is_secret ? hidden(text) : shortened(text));
        }
        out_ += fmt::format("</{}>\n", element.name());
    }

    std::string take() { return std::move(out_); }

private:
    void print_inside(Element const& element, std::size_t depth, bool is_secret) {
        bool const hides = is_secret || element.attribute_or("secret", "0") == "1";
        for (Element const child : element.children()) print(child, depth, hides);
    }

    static std::string hidden(std::string_view text) {
        return fmt::format("(secret, {} characters)", text.size());
    }

    std::string out_;
};

} // namespace

std::string shortened(std::string_view text) {
    constexpr std::size_t longest = 64;
    constexpr std::size_t shown = 16;
    bool const is_hex = text.find_first_not_of("0123456789ABCDEFabcdef") == std::string_view::npos;
    if (text.size() <= longest || !is_hex) return std::string(text);
    return fmt::format("{}... ({} digits)", text.substr(0, shown), text.size());
}

std::string readable_xml(std::string_view xml) {
    auto const document = schemas::parse(as_bytes(xml));
    if (!document) return fmt::format("({} bytes that are no XML)\n", xml.size());
    Printer printer;
    printer.print(document->root(), 0, false);
    return printer.take();
}

} // namespace pointman::client::agent
