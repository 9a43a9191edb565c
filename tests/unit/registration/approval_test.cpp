// SPDX-License-Identifier: Apache-2.0
#include "endpoints/registration/approval.hpp"
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::test;
using config::AutoApprove;
using endpoints::registration::is_machine_account_of;

TEST_CASE("whose machine account it is") {
    struct Row {
        std::string account;
        std::string name;
        bool matches;
    };
    auto const row = GENERATE(values<Row>({
        {R"(LAB\LABPC01$)", "LABPC01", true},
        {R"(LAB\labpc01$)", "LabPC01", true},
        {"LABPC01$", "LABPC01", true},
        {R"(LAB\LABPC01)", "LABPC01", false},
        {R"(LAB\LABPC02$)", "LABPC01", false},
        {R"(LAB\LABPC01$$)", "LABPC01", false},
        {R"(LABPC01$\ADMIN)", "LABPC01", false},
        {R"(LAB\$)", "", false},
        {R"(LAB\)", "LABPC01", false},
        {"", "LABPC01", false},
        {"", "", false},
        {R"(LAB\A-VERY-LONG-NAME$)", "A-VERY-LONG-NAM", true},
        {R"(LAB\A-VERY-LONG-NAM$)", "A-VERY-LONG-NAME-INDEED", true},
        {R"(LAB\LABPC0$)", "LABPC01", false},
    }));
    CAPTURE(row.account, row.name);
    CHECK(is_machine_account_of(row.account, row.name) == row.matches);
}

TEST_CASE("approval of a first registration") {
    struct Row {
        AutoApprove rule;
        std::string account;
        db::Approval approval;
        std::string method;
        std::string attribute;
    };
    using enum db::Approval;
    auto const row = GENERATE(values<Row>({
        {AutoApprove::none, "", pending, "", "0"},
        {AutoApprove::none, R"(LAB\LABPC01$)", pending, "", "0"},
        {AutoApprove::integrated, "", pending, "", "0"},
        {AutoApprove::integrated, R"(LAB\LABPC01$)", approved, "integrated", "1"},
        {AutoApprove::integrated, R"(LAB\LABPC02$)", pending, "", "0"},
        {AutoApprove::integrated, R"(LAB\LABPC01)", pending, "", "0"},
        {AutoApprove::all, "", approved, "automatic", "1"},
        {AutoApprove::all, R"(LAB\LABPC01$)", approved, "automatic", "1"},
    }));
    CAPTURE(static_cast<int>(row.rule), row.account);
    for (bool const later : {true, false}) {
        Desk desk;
        desk.settings.security.auto_approve = row.rule;
        auto request = registration_of(test_key(0), "LABPC01");
        if (!later) request.hash.reset();
        auto const answer = desk.submit(test_key(0), request, row.account);
        CHECK(answer.status == 0);
        CHECK(answer.approval == (later ? row.attribute : ""));
        auto const client = desk.client(answer.smsid).value();
        CHECK(client.approval == row.approval);
        CHECK(client.approval_method == row.method);
    }
}

TEST_CASE("a repeat lifts a client that waits and never lowers one") {
    struct Row {
        db::Approval before;
        AutoApprove rule;
        std::string account;
        int status;
        db::Approval after;
    };
    using enum db::Approval;
    auto const own = R"(LAB\LABPC01$)";
    auto const row = GENERATE_COPY(values<Row>({
        {pending, AutoApprove::none, own, 0, pending},
        {pending, AutoApprove::integrated, "", 0, pending},
        {pending, AutoApprove::integrated, own, 0, approved},
        {pending, AutoApprove::all, "", 0, approved},
        {approved, AutoApprove::none, "", 0, approved},
        {approved, AutoApprove::integrated, "", 0, approved},
        {blocked, AutoApprove::none, "", 3, blocked},
        {blocked, AutoApprove::integrated, own, 3, blocked},
        {blocked, AutoApprove::all, own, 3, blocked},
        {not_applicable, AutoApprove::none, "", 0, not_applicable},
    }));
    CAPTURE(static_cast<int>(row.before), static_cast<int>(row.rule), row.account);
    Desk desk;
    auto const request = registration_of(test_key(0), "LABPC01");
    auto const first = desk.submit(test_key(0), request);
    desk.set_approval(first.smsid, row.before);
    desk.settings.security.auto_approve = row.rule;
    auto const again = desk.submit(test_key(0), request, row.account);
    CHECK(again.status == row.status);
    CHECK(again.smsid == (row.status == 0 ? first.smsid : ""));
    CHECK(desk.client(first.smsid)->approval == row.after);
    if (row.status == 3) CHECK(again.error->code == Code::blocked);
}
