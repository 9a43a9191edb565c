// SPDX-License-Identifier: Apache-2.0
// MP_RelayEndpoint: says that an update is missing.
#include "example.hpp"

#include <pointman/state.hpp>

int main(int argc, char** argv) {
    example::Client client(argc, argv);
    auto const session = client.registered();
    pointman::client::StateMessage const missing{.topic_id = "7f0c9a52-1f7d-4e1c-8b16-5a3de0c2b911",
                                                 .topic_type = 500,
                                                 .topic_id_type = 3,
                                                 .state_id = 2,
                                                 .parameters = {"200"},
                                                 .time = session.messaging.now()};
    example::must(post_states(session, {&missing, 1}));
    client.deliver();
}
