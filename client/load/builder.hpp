// SPDX-License-Identifier: Apache-2.0
// The work of a client that takes time: to make a message, and to read an answer. Done beside the thread that
// sends.
#pragma once

#include "base/clock.hpp"
#include "client/load/keys.hpp"
#include "client/load/kind.hpp"
#include "client/load/member.hpp"
#include "client/load/scenario.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::client::load {

/// A policy's body, as an assignment named it.
struct PolicyBody {
    std::string target;
    bool is_protected = false; ///< the client has to say who it is
};

/// A message to be made. What is made follows from the order alone, byte by byte, but for registrations: so
/// the message that is sent again is the message that was sent.
struct Order {
    Kind kind = Kind::policy;
    std::uint64_t client = 0;
    std::uint64_t number = 0; ///< of the message in its run
    TimePoint when{};
    Member member{};
    std::optional<PolicyBody> body{};
};

/// What an answer tells the client.
struct Reading {
    std::string fault{}; ///< why it is of no use; "" = it is
    std::optional<Member::Uuid> uuid{};
    wire::SenderProof proof{};
    std::optional<std::string> cookie{};
    std::vector<std::uint32_t> policies{};
    std::vector<PolicyBody> bodies{};
    bool asks_for_resync = false;
};

/// Stateless but for keys: any number of threads may use one.
class Builder {
public:
    /// `host` is the management point's `HOST:PORT`; message ids begin with `run`, which is another for each
    /// run.
    Builder(Scenario const& scenario, std::string host, std::uint64_t run);

    /// A whole HTTP request.
    std::string make(Order const& order) const;
    /// Of an answer with status 200. `content_type` is its header.
    Reading read(Kind kind, std::uint64_t client, std::string_view content_type, std::string_view body) const;

private:
    class Writing;

    Scenario const& scenario_;
    std::string host_;
    std::uint64_t run_;
    KeyRing keys_;
};

} // namespace pointman::client::load
