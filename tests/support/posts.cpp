// SPDX-License-Identifier: Apache-2.0
#include "tests/support/posts.hpp"

#include <fmt/format.h>

namespace pointman::test {

namespace {

std::string inventory_action(int number, std::string_view description) {
    return fmt::format(
        "<InventoryAction ActionType=\"Predefined\"><InventoryActionID>{{00000000-0000-0000-0000-{:012}}}"
        "</InventoryActionID><Description>{}</Description><InventoryActionLastUpdateTime>"
        "20261101000000.000000+000</InventoryActionLastUpdateTime></InventoryAction>",
        number, description);
}

std::string instance(std::string_view name, std::string_view properties) {
    return fmt::format(
        "<Instance ParentClass=\"{0}\" Class=\"{0}\" Namespace=\"\\\\PC\\root\\cimv2\" Content=\"New\">"
        "<{0}>{1}</{0}></Instance>",
        name, properties);
}

} // namespace

std::vector<Post> posts_of(TestClient const& client) {
    std::string const file_action =
        "<FileCollectionAction><FileCollectionActionID>{00000000-0000-0000-0000-000000000010}"
        "</FileCollectionActionID><Description>File Collection</Description></FileCollectionAction>";
    return {
        {"MP_DdrEndpoint", "",
         client.report("Inventory Data", inventory_action(3, "Discovery"),
                       instance("CCM_ComputerSystem", "<Domain>LAB</Domain>")),
         true, "MP_Ddr"},
        {"MP_HinvEndpoint", "",
         client.report("Inventory Data", inventory_action(1, "Hardware"),
                       instance("Win32_LogicalDisk", "<DeviceID>C:</DeviceID><Size>1000</Size>")),
         true, "MP_Hinv"},
        {"MP_SinvEndpoint", "",
         client.report("Inventory Data", inventory_action(2, "Software"),
                       instance("FileSystemFile",
                                "<CompanyName/><FileDescription/><FileVersion/><LastWriteDate>"
                                "20260101000000.000000+000</LastWriteDate><Name>a.exe</Name>"
                                "<Path>C:\\</Path><ProductLanguage/><ProductName/><ProductVersion/>"
                                "<Size>10</Size>")),
         true, "MP_Sinv"},
        {"MP_SinvCollFileEndpoint", "",
         client.report("FILECOLL", file_action,
                       "<CollectedFile Content=\"New\" "
                       "ID=\"1\"><LastWriteDate>20260101000000.000000+000</LastWriteDate>"
                       "<Name>hosts</Name><Path>C:\\etc\\</Path><Size>3</Size></CollectedFile>"
                       "<CollectedFileSum>1</CollectedFileSum>"),
         true, "MP_SinvCollFile"},
        {"StatusReceiver", "",
         fmt::format(
             "<Status SchemaVersion=\"1.0\" CodePage=\"1252\" "
             "LocaleID=\"1033\"><Type>SoftDistProgramStartedEvent"
             "</Type><Properties><Property Name=\"ClientID\">{}</Property><Property Name=\"MachineName\">{}"
             "</Property><Property "
             "Name=\"DateTime\">20261123100000.000000+000</Property></Properties></Status>",
             client.id().text(), client.name()),
         true, "MP_Status"},
        {"MP_RelayEndpoint", "SMX",
         client.report(
             "State Message Data", "",
             "<StateMessage MessageTime=\"20261123100000.000000+000\" SerialNumber=\"1\"><Topic ID=\"T\" "
             "Type=\"500\" IDType=\"3\"/><State ID=\"2\" Criticality=\"0\"/>"
             "<UserParameters Flags=\"0\" Count=\"0\"/></StateMessage>"),
         false, "MP_Relay"},
    };
}

wire::OutgoingRequest request_of(TestClient const& client, Post const& post) {
    auto request = client.message(post.endpoint, post.xml, post.is_signed);
    request.header.reply_mode = "Async";
    if (!post.file_type.empty()) request.header.properties.push_back({"FileType", post.file_type});
    if (post.endpoint == "MP_SinvCollFileEndpoint") request.attachments.push_back({"1", to_bytes("abc")});
    return request;
}

} // namespace pointman::test
