// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pointman::endpoints::policy {

/// A text and the white space that sets it on lines of its own. Bodies in the wild hold their values so:
/// `<value>`, line break, CDATA section, line break, `</value>`; what counts is in the section.
struct LaidOut {
    std::string_view before;
    std::string_view inside;
    std::string_view after;
};
/// A run of white space at an end is layout when a line break is in it; blanks alone belong to the text.
LaidOut without_layout(std::string_view text);

/// Appends ` name="value"`.
void append_attribute(std::string& out, std::string_view name, std::string_view value);

/// Appends the text as a CDATA section, the form that clients look for (policy.md 5), layout around it. A
/// `]]>` is divided between two sections; a CR, which a section would lose, stands between them as a
/// reference.
void append_value(std::string& out, LaidOut const& text);

/// Appends character data: as it is, or like a value where markup or a line break is in it.
void append_text(std::string& out, std::string_view text);

/// Whether it is UTF-8 with no character that XML 1.0 forbids.
bool is_xml_text(std::string_view utf8);

} // namespace pointman::endpoints::policy
