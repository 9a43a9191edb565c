// SPDX-License-Identifier: Apache-2.0
// ISV proxies and the clients behind them (registration.md 4.7).
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::test;

namespace {

constexpr auto first_id = "GUID:00000000-0000-0000-0000-000000000001";
constexpr auto second_id = "GUID:00000000-0000-0000-0000-000000000002";
constexpr auto proxy_id = "GUID:00000000-0000-0000-0000-0000000000AA";
constexpr auto pump_id = "GUID:00000000-0000-0000-0000-0000000000AB";

/// A registration that the proxy with `key` signs for `name`.
RegistrationRequest proxied(wire::PrivateKey const& key, std::string_view proxy, std::string_view name,
                            std::string_view hardware_id = "", std::string_view smsid = "") {
    auto request = registration_of(key, name);
    request.agent_type = 8;
    request.signer_smsid = proxy;
    request.smsid = smsid;
    if (!hardware_id.empty()) request.properties.emplace_back("HardwareID1", hardware_id);
    return request;
}

std::string register_proxy(Desk& desk, wire::PrivateKey const& key) {
    auto request = registration_of(key, "PROXY");
    request.agent_type = 4;
    request.smsid = proxy_id;
    auto const answer = desk.submit(key, request);
    REQUIRE(answer.status == 0);
    REQUIRE(answer.smsid == proxy_id);
    return answer.smsid;
}

} // namespace

TEST_CASE("who may sign for whom") {
    struct Row {
        char const* name;
        int type_of_proxy; ///< -1 = not registered
        bool blocked;
        int agent_type;
        std::size_t signer; ///< the proxy is registered with key 0
        bool names_proxy;
        int status;
        Code code;
    };
    auto const row = GENERATE(values<Row>({
        {"a proxy for its client", 4, false, 8, 0, true, 0, {}},
        {"a proxy that does not sign itself", 4, false, 8, 1, true, 3, Code::bad_signature},
        {"an ordinary client", 0, false, 8, 0, true, 3, Code::bad_signature},
        {"a client that is behind a proxy itself", 8, false, 8, 0, true, 3, Code::bad_signature},
        {"a proxy that nobody knows", -1, false, 8, 0, true, 3, Code::unknown_client},
        {"a blocked proxy", 4, true, 8, 0, true, 3, Code::blocked},
        {"a proxy for an ordinary client", 4, false, 0, 0, true, 3, Code::bad_signature},
        {"a proxy for another proxy", 4, false, 4, 0, true, 3, Code::bad_signature},
        {"a client behind a proxy that signs itself", 4, false, 8, 0, false, 3, Code::bad_signature},
    }));
    INFO(row.name);
    Desk desk;
    auto const* const proxy = proxy_id;
    if (row.type_of_proxy >= 0) {
        auto record = record_of(test_key(0), proxy, "PROXY");
        record.agent_type = row.type_of_proxy;
        if (row.blocked) record.approval = db::Approval::blocked;
        desk.insert(record);
    }
    auto const before = desk.clients().size();
    auto request = proxied(test_key(0), row.names_proxy ? proxy : "", "PUMP01");
    request.agent_type = row.agent_type;
    auto const answer = desk.submit(test_key(row.signer), request);
    CHECK(answer.status == row.status);
    if (row.status == 0) {
        auto const client = desk.client(answer.smsid).value();
        CHECK(client.agent_type == 8);
        CHECK(client.proxy == ClientId::parse(proxy).value());
        CHECK(client.key_sha256 == test_key(0).public_key().sha256());
        CHECK(client.approval == db::Approval::pending);
    } else {
        CHECK(answer.error.value().code == row.code);
        CHECK(desk.clients().size() == before);
    }
}

TEST_CASE("Signature/@SMSID that repeats Data/@SMSID is no proxy") {
    Desk desk;
    auto request = registration_of(test_key(0), "LABPC01");
    request.smsid = first_id;
    request.signer_smsid = GENERATE(as<std::string>{}, first_id, "guid:00000000-0000-0000-0000-000000000001",
                                    "{00000000-0000-0000-0000-000000000001}", "");
    auto const answer = desk.submit(test_key(0), request);
    CHECK(answer.smsid == first_id);
    CHECK_FALSE(desk.client(first_id)->proxy);
}

TEST_CASE("clients behind one proxy share a key and stay apart") {
    Desk desk;
    auto const& key = test_key(0);
    auto const proxy = register_proxy(desk, key);
    auto const smsid_of = [&](std::string_view name, std::string_view hardware_id, std::string_view smsid) {
        return desk.submit(key, proxied(key, proxy, name, hardware_id, smsid)).smsid;
    };
    auto const pump = smsid_of("PUMP01", "H1", pump_id);
    auto const valve = smsid_of("VALVE01", "H2", "");
    CHECK(pump != valve);
    CHECK(pump != proxy);
    CHECK(desk.clients().size() == 3);

    struct Row {
        char const* name;
        std::string machine;
        std::string hardware_id;
        std::string asked;
        std::string given; ///< "new" = a fresh one
    };
    auto const row = GENERATE(values<Row>({
        {"the same again", "PUMP01", "H1", "", pump_id},
        {"the same, name in another case", "pump01", "H1", "", pump_id},
        {"the same by SMSID", "PUMP01", "H1", pump_id, pump_id},
        {"renamed, by SMSID", "PUMP09", "H1", pump_id, pump_id},
        {"other hardware under the name", "PUMP01", "H9", "", "new"},
        {"another name on the hardware", "PUMP02", "H1", "", "new"},
        {"a new one", "PUMP03", "H3", "", "new"},
        {"a new one with an SMSID of its own", "PUMP03", "H3", first_id, first_id},
    }));
    INFO(row.name);
    auto const given = smsid_of(row.machine, row.hardware_id, row.asked);
    if (row.given == "new") {
        CHECK(given != pump);
        CHECK(given != valve);
        CHECK(given != proxy);
        CHECK(desk.clients().size() == 4);
    } else {
        CHECK(given == row.given);
        CHECK(desk.clients().size() == (row.given == first_id ? 4 : 3));
    }
    CHECK(smsid_of(row.machine, row.hardware_id, row.asked) == given);

    // The proxy itself is still found by its key.
    auto again = registration_of(key, "PROXY");
    again.agent_type = 4;
    CHECK(desk.submit(key, again).smsid == proxy);
}

TEST_CASE("a client behind a proxy cannot be the proxy") {
    Desk desk;
    register_proxy(desk, test_key(0));
    auto const answer = desk.submit(test_key(0), proxied(test_key(0), proxy_id, "PUMP01", "", proxy_id));
    CHECK(answer.status == 3);
    CHECK(desk.client(proxy_id)->agent_type == 4);
    CHECK(desk.clients().size() == 1);
}

TEST_CASE("a proxy cannot take another's client") {
    Desk desk;
    auto const own = register_proxy(desk, test_key(0));
    auto record = record_of(test_key(1), second_id, "VICTIM");
    desk.insert(record);
    auto const answer = desk.submit(test_key(0), proxied(test_key(0), own, "PUMP01", "", second_id));
    CHECK(answer.status == 0);
    CHECK(answer.smsid != second_id);
    CHECK(desk.client(second_id)->name == "VICTIM");
    CHECK(desk.client(second_id)->conflicts == std::vector{ClientId::parse(answer.smsid).value()});

    // Nor can a client with the proxy's key drop the proxy's name from its request to become one of its
    // clients.
    auto request = registration_of(test_key(0), "PROXY");
    request.agent_type = 4;
    request.smsid = answer.smsid;
    CHECK(desk.submit(test_key(0), request).smsid == own);
}

TEST_CASE("confirmations of clients behind a proxy") {
    Desk desk;
    auto const proxy = register_proxy(desk, test_key(0));
    auto const client = desk.submit(test_key(0), proxied(test_key(0), proxy, "PUMP01", "", pump_id)).smsid;
    REQUIRE(client == pump_id);
    auto other_proxy = record_of(test_key(1), second_id, "OTHER");
    other_proxy.agent_type = 4;
    desk.insert(other_proxy);
    struct Row {
        char const* name;
        std::string smsid;
        std::string signer_smsid;
        std::size_t signer;
        bool block_client;
        int status;
    };
    auto const row = GENERATE(values<Row>({
        {"by its proxy", pump_id, proxy_id, 0, false, 0},
        {"by its proxy, named as itself", pump_id, pump_id, 0, false, 0},
        {"by its proxy, unnamed", pump_id, "", 0, false, 0},
        {"by another proxy", pump_id, second_id, 1, false, 3},
        {"in the proxy's name, by another key", pump_id, proxy_id, 1, false, 3},
        {"blocked", pump_id, proxy_id, 0, true, 3},
        {"unknown", first_id, proxy_id, 0, false, 2},
        {"unknown proxy", pump_id, first_id, 0, false, 3},
    }));
    INFO(row.name);
    if (row.block_client) desk.set_approval(client, db::Approval::blocked);
    auto request = confirmation_of(row.smsid);
    request.agent_type = 8;
    request.signer_smsid = row.signer_smsid;
    CHECK(desk.submit(test_key(row.signer), request).status == row.status);
}

TEST_CASE("a new key of the proxy is the new key of its clients") {
    Desk desk;
    auto const proxy = register_proxy(desk, test_key(0));
    auto const client = desk.submit(test_key(0), proxied(test_key(0), proxy, "PUMP01", "H1")).smsid;
    auto request = registration_of(test_key(1), "PROXY");
    request.agent_type = 4;
    request.smsid = proxy;
    request.hint = registration_hint(test_key(0), proxy);
    REQUIRE(desk.submit(test_key(1), request).smsid == proxy);

    auto const new_key = test_key(1).public_key().sha256();
    CHECK(desk.client(proxy)->key_sha256 == new_key);
    CHECK(desk.client(client)->key_sha256 == new_key);
    CHECK(desk.submit(test_key(1), proxied(test_key(1), proxy, "PUMP01", "H1")).smsid == client);
    CHECK(desk.submit(test_key(0), proxied(test_key(0), proxy, "PUMP01", "H1")).status == 3);
}

TEST_CASE("a hint cannot change the key of a client behind a proxy") {
    Desk desk;
    auto const proxy = register_proxy(desk, test_key(0));
    auto const client = desk.submit(test_key(0), proxied(test_key(0), proxy, "PUMP01")).smsid;
    auto request = registration_of(test_key(1), "PUMP01");
    request.smsid = client;
    request.hint = registration_hint(test_key(0), client);
    auto const answer = desk.submit(test_key(1), request);
    CHECK(answer.status == 0);
    CHECK(answer.smsid != client);
    CHECK(desk.client(client)->key_sha256 == test_key(0).public_key().sha256());
}

TEST_CASE("the certificate of a client behind a proxy need not be the proxy's") {
    Desk desk;
    auto const proxy = register_proxy(desk, test_key(0));
    auto request = proxied(test_key(2), proxy, "PUMP01");
    auto const answer = desk.submit(test_key(0), request);
    REQUIRE(answer.status == 0);
    auto const client = desk.client(answer.smsid).value();
    CHECK(client.key_sha256 == test_key(0).public_key().sha256());
    CHECK(client.signing_certificate == desk.client(proxy)->signing_certificate);
}
