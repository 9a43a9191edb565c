// SPDX-License-Identifier: Apache-2.0
// MP_PolicyManager: lists the policies that are assigned to this client, and fetches their bodies.
#include "example.hpp"

#include <pointman/policy.hpp>

int main(int argc, char** argv) {
    example::Client client(argc, argv);
    auto const session = client.registered();
    auto const policy = example::must(request_policy(session));
    for (auto const& assignment : policy.assignments) {
        auto const body = example::must(download_policy(session, assignment));
        std::printf("%s version %s, category '%s', %zu characters\n", assignment.policy_id.c_str(),
                    assignment.policy_version.c_str(), assignment.category.c_str(), body.size());
    }
    std::printf("%zu assignments, cookie '%s'\n", policy.assignments.size(), policy.cookie.c_str());
}
