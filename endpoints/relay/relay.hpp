// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"
#include "endpoints/idmif/mifs.hpp"
#include "endpoints/relay/metering.hpp"
#include "endpoints/relay/states.hpp"
#include "endpoints/report/received_report.hpp"

#include <optional>
#include <string_view>

namespace pointman::endpoints {

/// What the relay carries (relay.md 1).
enum class RelayKind { state_messages, software_metering, idmif };

/// By the message property FileType, in any case; `MIF`, which later clients write, is IDMIF.
std::optional<RelayKind> relay_kind_of(std::string_view file_type);
/// SMX, SWM or IDMIF.
std::string_view file_type_of(RelayKind kind);

/// State messages, software metering and IDMIF collection (relay.md). State messages become current states
/// and their history, with the order of their serial numbers; metering becomes usages, and the files of IDMIF
/// inventory.
struct RelayEndpoint {
    static constexpr EndpointInfo info{.name = "MP_RelayEndpoint",
                                       .delivery = Delivery::post,
                                       .carrier = Carrier::report,
                                       .mixed = Proof::none,
                                       .native = Proof::none,
                                       .log = "MP_Relay"};

    struct Message {
        RelayKind kind = RelayKind::state_messages;
        ReceivedReport report;
        relay::ReportedStates states;
        relay::ReportedUsages usages;
        idmif::SentMifs mifs;
    };

    explicit RelayEndpoint(Site const& site)
        : settings_(site.settings) {}

    /// By FileType; where the message has none, by what the report says of its content (relay.md 6). Fails
    /// with schema_violation for a FileType that is not known, a content that tells nothing, another root
    /// than a report's.
    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const;
    /// An IDMIF report's action, where it names one, must be ..0011 or the later ..0012 (relay.md 5.1).
    Result<Message> parse(Incoming const& incoming, schemas::Document const& document) const;
    Result<Reply> handle(Message const& message, db::Transaction& transaction) const;

private:
    /// By its kind.
    Result<void> read(schemas::Element const& body, Message& message) const;

    config::Settings const& settings_;
};

} // namespace pointman::endpoints
