// SPDX-License-Identifier: Apache-2.0
#include "endpoints/report/fragment.hpp"

#include "base/text.hpp"
#include "schemas/document.hpp"
#include "server/wire/utf16.hpp"

namespace pointman::endpoints {

namespace {

using schemas::Element;

/// Header elements have either text or children, so the order of the two does not matter.
void write(Element const& element, std::string& xml) {
    xml += '<';
    xml += element.name();
    for (auto const& attribute : element.attributes()) {
        xml += ' ';
        xml += attribute.name;
        xml += "=\"" + escape_xml(attribute.value) + '"';
    }
    xml += '>' + escape_xml(element.text());
    for (Element const child : element.children()) write(child, xml);
    xml += "</";
    xml += element.name();
    xml += '>';
}

} // namespace

Result<std::string> complete_report(BytesView fragment, BytesView body) {
    auto const report = schemas::parse(body);
    if (!report) return std::unexpected(report.error());
    auto const header = report->root().child("ReportHeader");
    if (!header) return fail(Code::schema_violation, "the message has a ReportBody but no ReportHeader");
    auto text = wire::to_utf8(wire::strip_trailer(fragment));
    if (!text) return text;
    // A declaration may only stand at the very beginning.
    auto const start = text->find("<ReportBody");
    if (start == std::string::npos)
        return fail(Code::malformed, "the fragment does not begin with a ReportBody");

    std::string xml = "<Report>";
    write(*header, xml);
    return xml + text->substr(start) + "</Report>";
}

} // namespace pointman::endpoints
