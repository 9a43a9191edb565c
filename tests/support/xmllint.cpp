// SPDX-License-Identifier: Apache-2.0
#include "tests/support/xmllint.hpp"

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace pointman::test {

namespace {

struct Schema {
    std::string_view root;
    std::string_view file;
};
constexpr std::array schemas{Schema{"AssignedSiteReply", "assigned_site_reply.xsd"},
                             Schema{"ClientRegistrationResponse", "client_registration_response.xsd"},
                             Schema{"ContentLocationReply", "content_location_reply.xsd"},
                             Schema{"EnumerateMPLocationReply", "enumerate_mp_location_reply.xsd"},
                             Schema{"LocalMPLocationReply", "local_mp_location_reply.xsd"},
                             Schema{"ReplyAssignments", "reply_assignments.xsd"},
                             Schema{"SiteInfoReply", "site_info_reply.xsd"},
                             Schema{"UploadReply", "upload_reply.xsd"},
                             Schema{"WSUSLocationReply", "wsus_location_reply.xsd"}};

std::string_view root_of(std::string_view xml) {
    auto const begin = std::min(xml.find('<') + 1, xml.size());
    return xml.substr(begin, std::min(xml.find_first_of(" />", begin), xml.size()) - begin);
}

} // namespace

std::string_view schema_of(std::string_view reply) {
    auto const* const schema = std::ranges::find(schemas, root_of(reply), &Schema::root);
    return schema == schemas.end() ? std::string_view() : schema->file;
}

std::string faults_by_xmllint(std::string_view reply) {
    auto const schema = schema_of(reply);
    if (schema.empty()) return "no schema for " + std::string(root_of(reply));
    TemporaryDirectory const directory;
    auto const file = directory.path() / "reply.xml";
    std::ofstream(file) << reply;
    auto const finished = run({"xmllint", "--noout", "--nonet", "--schema",
                               source_file("schemas/" + std::string(schema)).string(), file.string()});
    return finished.exit_code == 0 ? std::string() : finished.err;
}

} // namespace pointman::test
