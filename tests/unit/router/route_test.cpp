// SPDX-License-Identifier: Apache-2.0
// Where requests go (wire.md 1.1).
#include "server/certificate_gate.hpp"
#include "server/router.hpp"

#include <catch2/catch.hpp>

using namespace pointman;

TEST_CASE("bodies of policy are read in four folders, and nothing else is done there") {
    struct Row {
        std::string path;
        bool policy;
        Access access;
    };
    auto const row = GENERATE(values<Row>({
        {"/sms_mp/.sms_pol", true, Access::certificate},
        {"/sms_mp_altauth/.sms_pol", true, Access::alternative},
        {"/sms_mp_windowsauth/.sms_pol", true, Access::certificate},
        {"/sms_mp_tokenauth/.sms_pol", true, Access::alternative},
        {"/sms_mp/.sms_pol/", false, Access::certificate},
        {"/sms_mp/.sms_pols", false, Access::certificate},
        {"/sms_mp//.sms_pol", false, Access::certificate},
        {"/sms_mp_altauth/x/.sms_pol", false, Access::alternative},
        {"/sms_mp_basicauth/.sms_pol", false, Access::open},
        {"/.sms_pol", false, Access::open},
        {"/ccm_incoming.sms_pol", false, Access::open},
        {".sms_pol", false, Access::open},
        {"", false, Access::open},
    }));
    CAPTURE(row.path);
    auto const read = row.policy ? Route::policy_body : Route::not_found;
    auto const other = row.policy ? Route::wrong_method : Route::not_found;
    CHECK(route_of("GET", row.path) == read);
    CHECK(route_of("HEAD", row.path) == read);
    for (auto const* const method : {"POST", "CCM_POST", "BITS_POST", "PROPFIND", "OPTIONS"}) {
        INFO(method);
        CHECK(route_of(method, row.path) == other);
    }
    CHECK(route_of("BREW", row.path) == Route::unknown_method);
    CHECK(access_of(row.path) == row.access);
}

TEST_CASE("the site's pages are read in two folders") {
    struct Row {
        std::string method;
        std::string path;
        Route route;
    };
    auto const row = GENERATE(values<Row>({
        {"GET", "/sms_mp/.sms_aut", Route::look_up},
        {"HEAD", "/sms_mp_altauth/.sms_aut", Route::look_up},
        {"POST", "/sms_mp/.sms_aut", Route::wrong_method},
        {"GET", "/sms_mp_tokenauth/.sms_aut", Route::not_found},
        {"GET", "/sms_mp_windowsauth/.sms_aut", Route::not_found},
        {"GET", "/sms_mp", Route::not_found},
    }));
    CAPTURE(row.method, row.path);
    CHECK(route_of(row.method, row.path) == row.route);
}
