// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "base/time.hpp"
#include "client/messages/relay.hpp"

#include <fmt/format.h>

#include <pointman/metering.hpp>

namespace pointman::client {

namespace {

std::string element(Usage const& usage) {
    return fmt::format(
        R"(<HistoricalMeterData MeterDataID="{}" UserName="{}" StartTime="{}" EndTime="{}" Status="{}"/>)",
        escape_xml(usage.id), escape_xml(usage.user), cim_time(usage.start), cim_time(usage.end),
        usage.status);
}

std::string element(MeteredFile const& file) {
    std::string usages;
    for (auto const& usage : file.usages) usages += element(usage);
    return fmt::format(
        R"(<ProductInfo CompanyName="{}" ProductName="{}" ProductVersion="{}" ProductLanguage="{}">)"
        R"(<SoftwareFileInfo FileDescription="{}" FileVersion="{}" FileName="{}" FileSize="{}">{}</SoftwareFileInfo>)"
        R"(</ProductInfo>)",
        escape_xml(file.company), escape_xml(file.product), escape_xml(file.product_version),
        escape_xml(file.product_language), escape_xml(file.file_description), escape_xml(file.file_version),
        escape_xml(file.file_name), file.file_size, usages);
}

} // namespace

std::string metering_report(Sender const& sender, Time date, std::span<MeteredFile const> files) {
    std::string body;
    for (auto const& file : files)
        if (!file.usages.empty()) body += element(file); // a file that did not run is no usage
    return report(sender, "Software Metering Data", "Full", "1.0", date, "", body);
}

Result<std::string> post_metering(Session const& session, std::span<MeteredFile const> files) {
    auto const xml = metering_report(session.sender(), session.messaging.now(), files);
    return session.messaging.post(session.host, relay_message(session, "SWM", xml));
}

} // namespace pointman::client
