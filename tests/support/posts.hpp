// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/test_client.hpp"

#include <string>
#include <vector>

namespace pointman::test {

/// One message to an endpoint that takes posts: endpoint, message property FileType, document.
struct Post {
    std::string endpoint;
    std::string file_type;
    std::string xml;
    bool is_signed;
    std::string log;
};

/// One to each of them.
std::vector<Post> posts_of(TestClient const& client);

wire::OutgoingRequest request_of(TestClient const& client, Post const& post);

} // namespace pointman::test
