// SPDX-License-Identifier: Apache-2.0
// MP_LocationManager: which management points are there, and where does a package lie?
#include "example.hpp"

#include <pointman/location.hpp>

int main(int argc, char** argv) {
    example::Client client(argc, argv);
    auto const session = client.session(); // no registration is needed
    for (auto const& point : example::must(list_management_points(session)))
        std::printf("management point %s of site %s\n", point.name.c_str(), point.site_code.c_str());
    pointman::client::ContentQuery const query{
        .package_id = "LAB00001",
        .version = "1",
        .place = {.addresses = {{.address = "10.77.9.31", .subnet = "10.77.9.0"}}}};
    for (auto const& site : example::must(find_content(session, query))) {
        std::printf("site %s (%s)\n", site.site_code.c_str(), site.locality.c_str());
        for (auto const& point : site.points)
            for (auto const& url : point.urls) std::printf("  %s %s\n", point.locality.c_str(), url.c_str());
    }
}
