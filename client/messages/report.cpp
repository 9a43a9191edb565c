// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "base/time.hpp"

#include <fmt/format.h>

#include <pointman/report.hpp>

namespace pointman::client {

namespace {

/// Children in the order of the recorded reports. ClientType 1 is an agent of the current kind (relay.md 2).
std::string machine(Sender const& sender) {
    return fmt::format(
        "<Machine><ClientInstalled>1</ClientInstalled><ClientType>1</ClientType>"
        "<ClientID>{}</ClientID><ClientVersion>{}</ClientVersion><NetBIOSName>{}</NetBIOSName>"
        "<CodePage>{}</CodePage><SystemDefaultLCID>{}</SystemDefaultLCID><Priority/></Machine>",
        escape_xml(sender.id), escape_xml(sender.version), escape_xml(sender.netbios_name), sender.code_page,
        sender.lcid);
}

} // namespace

std::string report(Sender const& sender, std::string_view content, std::string_view type,
                   std::string_view version, Time date, std::string_view action, std::string_view body) {
    return fmt::format(
        "<Report><ReportHeader><Identification>{}</Identification>"
        "<ReportDetails><ReportContent>{}</ReportContent><ReportType>{}</ReportType><Date>{}</Date>"
        "<Version>{}</Version><Format>1.1</Format></ReportDetails>{}</ReportHeader>"
        "<ReportBody>{}</ReportBody></Report>",
        machine(sender), escape_xml(content), escape_xml(type), cim_time(date), escape_xml(version), action,
        body);
}

std::string file_collection_action(std::string_view id) {
    return fmt::format("<FileCollectionAction><FileCollectionActionID>{}</FileCollectionActionID>"
                       "<Description>File Collection</Description></FileCollectionAction>",
                       escape_xml(id));
}

} // namespace pointman::client
