// SPDX-License-Identifier: Apache-2.0
#include "client/load/builder.hpp"

#include "base/ids.hpp"
#include "base/time.hpp"
#include "client/inventory/synthetic.hpp"
#include "client/load/chance.hpp"
#include "client/messages/policy_reading.hpp"
#include "client/messages/registration_writing.hpp"
#include "client/messaging/outgoing.hpp"
#include "client/messaging/self_signed.hpp"
#include "server/wire/message.hpp"
#include "server/wire/utf16.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <pointman/location.hpp>
#include <pointman/metering.hpp>
#include <pointman/policy.hpp>
#include <pointman/registration.hpp>
#include <pointman/state.hpp>
#include <pointman/status.hpp>

namespace pointman::client::load {

namespace {

using inventory::Occasion;
using inventory::Snapshot;
using inventory::SyntheticMachine;

constexpr std::string_view message_path = "/ccm_system/request";
constexpr std::string_view agent_version = "5.00.8325.0000";

/// What chance is for.
namespace purpose {
constexpr std::uint64_t id_begin = 1;
constexpr std::uint64_t id_end = 2;
constexpr std::uint64_t topic = 3; // and those above, one for each state of a message
} // namespace purpose

std::string uuid(std::uint64_t begin, std::uint64_t end) {
    return fmt::format("{:08X}-{:04X}-4{:03X}-8{:03X}-{:012X}", begin >> 32U, (begin >> 16U) & 0xFFFFU,
                       begin & 0xFFFU, end >> 52U, end & 0xFFFF'FFFF'FFFFU);
}

std::uint32_t hash_of(PolicyAssignment const& assignment) {
    return static_cast<std::uint32_t>(
        std::hash<std::string>()(assignment.policy_id + "." + assignment.policy_version));
}

/// UTF-16 with its mark (ddr.md).
Bytes document(std::string_view xml) {
    Bytes bytes{std::byte{0xFF}, std::byte{0xFE}};
    auto const text = wire::to_utf16le(xml);
    bytes.insert(bytes.end(), text.begin(), text.end());
    return bytes;
}

Reading useless(std::string fault) {
    return {.fault = std::move(fault)};
}

Reading read_registration(std::string_view xml, KeyRing const& keys, std::uint64_t client) {
    auto const reply = read_registration_reply(xml);
    if (!reply) return useless(reply.error().message);
    if (reply->smsid.empty())
        return useless(fmt::format("registration refused with status {}", static_cast<int>(reply->status)));
    Reading reading{.proof = {.public_key = keys.public_key(client).blob(),
                              .id_signature = keys.sign(client, wire::signed_text(reply->smsid))}};
    auto const id = ClientId::parse(reply->smsid);
    reading.uuid.emplace();
    std::ranges::copy(id->uuid(), reading.uuid->begin());
    return reading;
}

Reading read_policy(std::string_view xml) {
    auto reply = read_policy_assignments(xml);
    if (!reply) return useless(reply.error().message);
    Reading reading{.cookie = std::move(reply->cookie)};
    constexpr auto is_protected = policy_flags::requires_authentication | policy_flags::secret;
    for (auto const& assignment : reply->assignments) {
        auto target = target_of_policy(assignment.location);
        if (!target) return useless(target.error().message);
        // A body that the client has had is not fetched again, unless it may ask for a report.
        reading.policies.push_back(assignment.category == "InventoryAction" ? 0 : hash_of(assignment));
        reading.bodies.push_back({std::move(*target), (assignment.flags & is_protected) != 0});
    }
    return reading;
}

Reading read_policy_body(std::string_view body) {
    auto const text = wire::to_utf8(wire::strip_trailer(as_bytes(body)));
    // What is sealed or compressed is no resync: the site serves those in the clear.
    Reading reading;
    reading.asks_for_resync = text && text->find(inventory::hardware_action) != std::string::npos &&
                              text->find("Resync") != std::string::npos;
    return reading;
}

} // namespace

/// Makes one message.
class Builder::Writing {
public:
    Writing(Builder const& builder, Order const& order)
        : builder_(builder)
        , scenario_(builder.scenario_)
        , order_(order)
        , machine_{.seed = scenario_.seed,
                   .index = order.client,
                   .generation = order.member.generation,
                   .instances = scenario_.instances} {
        agent_.netbios_name = machine_.name();
        agent_.fqdn = agent_.netbios_name + "." + machine_.domain();
        agent_.version = agent_version;
        agent_.site_code = scenario_.site;
        sender_ = {.id = order.member.registered ? order.member.smsid() : "",
                   .version = agent_.version,
                   .netbios_name = agent_.netbios_name};
    }

    std::string request() {
        switch (order_.kind) {
        case Kind::registration:
            return registration();
        case Kind::policy:
            return post("MP_PolicyManager",
                        policy_request(sender_.id, agent_, {.cookie = order_.member.cookie}),
                        {.is_signed = true, .mode = ReplyMode::sync});
        case Kind::policy_body:
            return policy_body();
        case Kind::location:
            return post("MP_LocationManager", local_mp_request(place(), scenario_.site),
                        {.names_client = false, .mode = ReplyMode::sync});
        case Kind::ddr:
            return discovery();
        case Kind::hinv_full:
            return full_inventory();
        case Kind::hinv_delta:
            return changed_inventory();
        case Kind::sinv:
            return software();
        case Kind::state:
            return relay("SMX", state_report(sender_, order_.when, states(), order_.member.serial + 1U));
        case Kind::status:
            return post("StatusReceiver", status(), {.is_signed = true});
        case Kind::metering:
            return metering();
        }
        return {};
    }

private:
    /// Who is named and who signs is as in the recorded messages (wire.md 4).
    struct Manner {
        bool is_signed = false;
        bool names_client = true;
        ReplyMode mode = ReplyMode::async;
        std::vector<wire::Property> properties{};
        std::vector<wire::OutgoingAttachment> attachments{};
    };

    std::string post(std::string_view endpoint, std::string xml, Manner manner) const {
        wire::OutgoingRequest message;
        message.header = header_of({.id = fmt::format("{{{}}}", random_uuid(0)),
                                    .endpoint = std::string(endpoint),
                                    .target_host = builder_.host_,
                                    .client_id = manner.names_client ? sender_.id : "",
                                    .properties = std::move(manner.properties),
                                    .mode = manner.mode},
                                   {.host = agent_.netbios_name, .now = order_.when});
        message.xml = std::move(xml);
        message.attachments = std::move(manner.attachments);
        if (manner.is_signed) {
            message.sign = [this](BytesView payload) {
                return wire::make_client_auth(order_.member.proof, agent_.netbios_name,
                                              builder_.keys_.sign(order_.client, payload));
            };
        }
        auto const body = wire::encode_request(std::move(message));
        return fmt::format("CCM_POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: ccmhttp\r\nContent-Type: {}\r\n"
                           "Content-Length: {}\r\n\r\n{}",
                           message_path, builder_.host_, wire::content_type, body.size(), as_chars(body));
    }

    std::string relay(std::string file_type, std::string xml) const {
        return post("MP_RelayEndpoint", std::move(xml), {.properties = {{"FileType", std::move(file_type)}}});
    }

    /// The header is the body of the message, the report an attachment that is called like its action.
    std::string report(std::string_view endpoint, std::string_view action, std::string header,
                       std::string_view whole) const {
        return post(endpoint, std::move(header),
                    {.is_signed = true, .attachments = {{std::string(action), document(whole)}}});
    }

    std::string registration() const {
        auto const key = builder_.keys_.key(order_.client);
        auto certificate = self_signed_certificate_der(key, {.now = order_.when});
        return post(
            "MP_ClientRegistration",
            registration_request({.certificate = std::move(certificate), .key = key}, agent_, order_.when),
            {.names_client = false, .mode = ReplyMode::sync});
    }

    std::string policy_body() const {
        auto request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: ccmhttp\r\n",
                                   order_.body->target, builder_.host_);
        if (order_.body->is_protected)
            for (auto const& [name, value] :
                 token_headers(sender_.id, builder_.keys_.key(order_.client), order_.when))
                request += fmt::format("{}: {}\r\n", name, value);
        return request + "\r\n";
    }

    Place place() const {
        auto const network =
            fmt::format("10.{}.{}", (order_.client >> 16U) & 0xFFU, (order_.client >> 8U) & 0xFFU);
        return {.ad_site = "Default-First-Site-Name",
                .addresses = {{.address = fmt::format("{}.{}", network, order_.client & 0xFFU),
                               .subnet = network + ".0"}}};
    }

    Occasion occasion(inventory::Version version) const {
        return {.version = version,
                .date = order_.when,
                .asked = order_.member.resync ? inventory::Asked::by_resync : inventory::Asked::no};
    }

    std::string discovery() const {
        auto facts = machine_.agent();
        facts.site = scenario_.site;
        auto const when = occasion({});
        return report("MP_DdrEndpoint", inventory::discovery_action, discovery_report(sender_, when, {}),
                      discovery_report(sender_, when, discovery_record(machine_.hardware(), facts)));
    }

    std::string full_inventory() const {
        auto const& member = order_.member;
        auto const when = occasion(member.has_baseline ? member.version.next_full() : inventory::Version{});
        return report("MP_HinvEndpoint", inventory::hardware_action,
                      hardware_report(sender_, when, Snapshot()),
                      hardware_report(sender_, when, machine_.hardware()));
    }

    std::string changed_inventory() const {
        auto const when = occasion(order_.member.version.next_delta());
        auto next = machine_;
        ++next.generation;
        auto const changes = inventory::difference(machine_.hardware(), next.hardware());
        return report("MP_HinvEndpoint", inventory::hardware_action,
                      hardware_report(sender_, when, inventory::Difference()),
                      hardware_report(sender_, when, changes));
    }

    std::string software() const {
        auto const when = occasion({});
        return report("MP_SinvEndpoint", inventory::software_action,
                      software_report(sender_, when, Snapshot()),
                      software_report(sender_, when, machine_.software()));
    }

    std::vector<StateMessage> states() const {
        constexpr unsigned update_detection = 500; // relay.md 3.3
        constexpr unsigned unique_update_id = 3;
        constexpr std::uint64_t updates =
            50; // that a client knows of: states change, and do not only pile up
        std::vector<StateMessage> made(scenario_.states);
        for (std::size_t i = 0; i < made.size(); ++i) {
            auto const chance = bits(scenario_.seed, order_.number, purpose::topic + i);
            auto const update = chance % updates;
            made[i] = {.topic_id = uuid(bits(0, update, purpose::id_begin), bits(0, update, purpose::id_end)),
                       .topic_type = update_detection,
                       .topic_id_type = unique_update_id,
                       .state_id = 1 + static_cast<unsigned>((chance >> 32U) % 3),
                       .details = std::string(scenario_.padding, 'x'),
                       .time = order_.when};
        }
        return made;
    }

    std::string status() const {
        StatusMessage message{
            .type = "SoftDistProgramStartedEvent",
            .properties = {{"AdvertisementId", scenario_.site + "20017"},
                           {"ClientID", sender_.id},
                           {"CommandLine", "setup.exe /quiet" + std::string(scenario_.padding, 'x')},
                           {"DateTime", cim_time(order_.when)},
                           {"MachineName", agent_.netbios_name},
                           {"PackageName", scenario_.site + "00031"},
                           {"ProcessID", std::to_string(1'000 + order_.number % 9'000)},
                           {"ProgramName", "Install"},
                           {"SiteCode", scenario_.site},
                           {"UserContext", R"(NT AUTHORITY\SYSTEM)"}}};
        return status_message(message);
    }

    std::string metering() const {
        constexpr std::chrono::minutes run{25};
        MeteredFile const file{.file_name = "winword.exe",
                               .file_size = 1'946'176,
                               .file_version = "16.0.17328.20162",
                               .company = "Microsoft Corporation",
                               .product = "Microsoft Office",
                               .usages = {{.id = fmt::format("{{{}}}", random_uuid(1)),
                                           .user = fmt::format(R"(NORDHOLM\user{})", order_.client),
                                           .start = order_.when - run,
                                           .end = order_.when}}};
        return relay("SWM", metering_report(sender_, order_.when, {&file, 1}));
    }

    /// One of the ids of this message, the same however often it is made.
    std::string random_uuid(std::uint64_t which) const {
        return uuid(bits(builder_.run_, order_.number, purpose::id_begin + 2 * which),
                    bits(builder_.run_, order_.number, purpose::id_end + 2 * which));
    }

    Builder const& builder_;
    Scenario const& scenario_;
    Order const& order_;
    SyntheticMachine machine_;
    Agent agent_;
    Sender sender_;
};

Builder::Builder(Scenario const& scenario, std::string host, std::uint64_t run)
    : scenario_(scenario)
    , host_(std::move(host))
    , run_(run)
    , keys_(scenario.seed, scenario.clients, scenario.key_bits) {}

std::string Builder::make(Order const& order) const {
    return Writing(*this, order).request();
}

Reading Builder::read(Kind kind, std::uint64_t client, std::string_view content_type,
                      std::string_view body) const {
    if (kind == Kind::policy_body) return read_policy_body(body);
    auto const reply = wire::decode_reply(content_type, as_bytes(body));
    if (!reply) return useless(describe(reply.error()));
    if (reply->xml.empty()) return useless("the management point has refused it: its answer is empty");
    if (kind == Kind::registration) return read_registration(reply->xml, keys_, client);
    return kind == Kind::policy ? read_policy(reply->xml) : Reading{};
}

} // namespace pointman::client::load
