// SPDX-License-Identifier: Apache-2.0
// What the examples share: a registered session for the management point that the command line names.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <pointman/registration.hpp>

namespace example {

using namespace pointman::client;

/// The value, or the end of the program with what went wrong.
template <class T>
T must(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// PROGRAM http://HOST:PORT DIRECTORY: who this client is, and what it has posted, is kept in DIRECTORY.
class Client {
public:
    Client(int argc, char** argv)
        : host_(argc == 3 ? argv[1] : "")
        , directory_(argc == 3 ? argv[2] : "") {
        if (argc != 3) {
            std::fprintf(stderr, "usage: %s http://HOST:PORT DIRECTORY\n", argv[0]);
            std::exit(2);
        }
    }

    Session session() {
        return {.messaging = messaging_,
                .identity = identity_,
                .host = host_,
                .agent = {.netbios_name = messaging_.source_host(), .site_code = "LAB"}};
    }

    /// Registers where that has not been done.
    Session registered() {
        if (identity_.smsid().empty()) must(register_client(session()));
        return session();
    }

    /// Sends what was posted, and says how that went.
    void deliver() {
        auto const delivery = must(messaging_.flush());
        std::printf("delivered %zu, waiting %zu, refused %zu\n", delivery.delivered, delivery.waiting,
                    delivery.refused);
        if (delivery.last_failure) std::fprintf(stderr, "%s\n", delivery.last_failure->message.c_str());
    }

private:
    std::string host_;
    std::filesystem::path directory_;
    Messaging messaging_ =
        must(Messaging::open({.queue = directory_ / "queue", .deliver_in_background = false}));
    Identity identity_ = must(Identity::open(directory_ / "identity", {.now = messaging_.now()}));
};

} // namespace example
