// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "base/time.hpp"
#include "client/messages/relay.hpp"

#include <fmt/format.h>

#include <pointman/collected_files.hpp>

namespace pointman::client {

namespace {

constexpr std::string_view file_collection = "{00000000-0000-0000-0000-000000000010}";
constexpr std::string_view idmif_collection = "{00000000-0000-0000-0000-000000000011}";

std::string_view name_of(FileChange change) {
    switch (change) {
    case FileChange::added:
        return "New";
    case FileChange::updated:
        return "Updated";
    case FileChange::deleted:
        return "Deleted";
    }
    return "New";
}

std::string inside(CollectedFile const& file) {
    return fmt::format("<LastWriteDate>{}</LastWriteDate><Name>{}</Name><Path>{}</Path><Size>{}</Size>",
                       cim_time(file.modified), escape_xml(file.name), escape_xml(file.path),
                       file.content.size());
}

std::string inside(MifFile const&) {
    return {};
}

template <class File>
std::string body_of(std::span<File const> files) {
    std::string body;
    std::size_t number = 0;
    for (auto const& file : files) {
        body += fmt::format(R"(<CollectedFile Content="{}" ID="{}">{}</CollectedFile>)", name_of(file.change),
                            ++number, inside(file));
    }
    return body + fmt::format("<CollectedFileSum>{}</CollectedFileSum>", files.size());
}

template <class File>
Message with_attachments(Message message, std::span<File const> files) {
    std::size_t number = 0;
    for (auto const& file : files) {
        ++number;
        if (file.change != FileChange::deleted)
            message.set_attachment_from_buffer(std::to_string(number), file.content);
    }
    return message;
}

} // namespace

std::string file_collection_report(Sender const& sender, Time date, ReportSequence const& sequence,
                                   std::span<CollectedFile const> files) {
    return report(sender, "FILECOLL", sequence.type, sequence.version, date,
                  file_collection_action(file_collection), body_of(files));
}

Result<std::string> post_collected_files(Session const& session, ReportSequence const& sequence,
                                         std::span<CollectedFile const> files) {
    auto const xml = file_collection_report(session.sender(), session.messaging.now(), sequence, files);
    return session.messaging.post(session.host,
                                  with_attachments(session.message("MP_SinvCollFileEndpoint", xml), files));
}

std::string idmif_report(Sender const& sender, Time date, ReportSequence const& sequence,
                         std::span<MifFile const> files) {
    return report(sender, "IDMIF", sequence.type, sequence.version, date,
                  file_collection_action(idmif_collection), body_of(files));
}

Result<std::string> post_idmif(Session const& session, ReportSequence const& sequence,
                               std::span<MifFile const> files) {
    auto const xml = idmif_report(session.sender(), session.messaging.now(), sequence, files);
    return session.messaging.post(session.host,
                                  with_attachments(relay_message(session, "IDMIF", xml), files));
}

} // namespace pointman::client
