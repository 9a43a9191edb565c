// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/endpoints/inventory_report.hpp"

#include "base/text.hpp"
#include "db/report_sequences.hpp"
#include "tests/support/process.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace pointman::test {

namespace {

template <class F>
auto read(Bench& bench, F const& work) {
    auto result = bench.store().read(work);
    if (!result) throw std::runtime_error(describe(result.error()));
    return std::move(*result);
}

} // namespace

std::string instance_xml(ReportedInstance const& instance) {
    std::string inside;
    for (auto const& property : instance.properties) {
        for (auto const& value : property.values)
            inside += fmt::format("<{0}>{1}</{0}>", property.name, escape_xml(value));
    }
    return fmt::format(
        R"(<Instance ParentClass="{0}" Class="{0}" Namespace="\\WS-0417\root\cimv2" Content="{1}">)"
        "<{0}>{2}</{0}></Instance>",
        instance.class_name, instance.content, inside);
}

std::string hardware_report(std::string_view type, std::string_view version, std::string_view instances,
                            std::string_view date, std::string_view smsid) {
    return report_of_action("0001", type, version, instances, date, smsid);
}

std::string report_of_action(std::string_view action, std::string_view type, std::string_view version,
                             std::string_view instances, std::string_view date, std::string_view smsid) {
    return fmt::format(
        "<Report><ReportHeader><Identification><Machine><ClientInstalled>1</ClientInstalled><ClientType>1"
        "</ClientType><ClientID>{}</ClientID><ClientVersion>5.00.8325.0000</"
        "ClientVersion><NetBIOSName>WS-0417"
        "</NetBIOSName><CodePage>437</CodePage><SystemDefaultLCID>1033</SystemDefaultLCID><Priority "
        "/></Machine>"
        "</Identification><ReportDetails><ReportContent>Inventory "
        "Data</ReportContent><ReportType>{}</ReportType>"
        "<Date>{}</Date><Version>{}</Version><Format>1.1</Format></ReportDetails>"
        "<InventoryAction "
        "ActionType=\"Predefined\"><InventoryActionID>{{00000000-0000-0000-0000-00000000{}}}"
        "</InventoryActionID><Description>Hardware</Description><InventoryActionLastUpdateTime>"
        "20100301120000.000000+000</InventoryActionLastUpdateTime></InventoryAction></ReportHeader>"
        "<ReportBody>{}</ReportBody></Report>",
        smsid, type, date, version, action, instances);
}

std::string file_report(std::string_view action, std::string_view content, std::string_view type,
                        std::string_view version, std::string_view files) {
    auto text = report_of_action(action, type, version, files);
    text = replaced(std::move(text), "Inventory Data", content);
    for (std::string_view const end : {"<", "</"}) {
        text = replaced(std::move(text), fmt::format("{}InventoryActionID>", end),
                        fmt::format("{}FileCollectionActionID>", end));
    }
    text = replaced(std::move(text), "<InventoryAction ActionType=\"Predefined\">", "<FileCollectionAction>");
    text = replaced(
        std::move(text),
        "<InventoryActionLastUpdateTime>20100301120000.000000+000</InventoryActionLastUpdateTime>", "");
    return replaced(std::move(text), "</InventoryAction>", "</FileCollectionAction>");
}

std::string relay_report(std::string_view content, std::string_view body, std::string_view date) {
    auto text = report_of_action("0000", "Full", "1.0", body, date);
    auto const action = text.find("<InventoryAction ");
    constexpr std::string_view end = "</InventoryAction>";
    text.erase(action, text.find(end) + end.size() - action);
    return replaced(std::move(text), "Inventory Data", content);
}

Draft hardware_draft(std::string report, std::string_view smsid) {
    return {"MP_HinvEndpoint", std::string(smsid), std::move(report)};
}

std::string disk(std::string_view content, std::string_view device, std::string_view free_space) {
    return instance_xml({std::string(content),
                         "Win32_LogicalDisk",
                         {{"DeviceID", {std::string(device)}}, {"FreeSpace", {std::string(free_space)}}}});
}

std::vector<db::InventoryState> current(Bench& bench, std::string_view class_name, std::string_view smsid) {
    return read(bench, [&](db::Session& session) {
        return db::Inventory(session).current(ClientId::parse(smsid).value(), class_name);
    });
}

std::vector<db::InventoryState> history(Bench& bench, std::string_view class_name, std::string_view smsid) {
    return read(bench, [&](db::Session& session) {
        return db::Inventory(session).history(ClientId::parse(smsid).value(), class_name);
    });
}

std::string ask(Bench& bench, std::string const& query) {
    auto const result = run({"sqlite3", "-batch", "-readonly", bench.database().string(), query});
    return result.exit_code == 0 ? result.out : result.err;
}

std::vector<std::string> resyncs(Bench& bench) {
    std::vector<std::string> reasons;
    for (auto const& resync :
         read(bench, [](db::Session& session) { return db::ReportSequences(session).resyncs(); }))
        reasons.push_back(resync.reason);
    return reasons;
}

} // namespace pointman::test
