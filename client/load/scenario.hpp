// SPDX-License-Identifier: Apache-2.0
// What a load run does, as its TOML file says: README.md has every key.
#pragma once

#include "client/load/kind.hpp"
#include "config/settings.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::client::load {

using std::chrono::milliseconds;

/// `open`: messages are due at times of their own, as from clients that don't know of each other. `closed`:
/// so many clients at a time wait for their answers before they send on.
enum class Mode : std::uint8_t { open, closed };

/// What a figure has to be for the run to pass.
struct Expectation {
    std::string key; ///< e.g. "p99_ms"
    double bound = 0;
    std::uint32_t line = 0; ///< in the scenario
};

struct Phase {
    std::string name;
    Mode mode = Mode::closed;
    milliseconds duration{}; ///< zero = until every client has done its steps (closed)
    milliseconds ramp{};
    milliseconds drain{30'000}; ///< how long is waited for what is on its way when the phase is over
    bool measured = true;       ///< false: preparation, which no summary counts

    // Open: one of the three says when.
    double rate = 0;     ///< messages a second, shared out by `mix`
    std::string rate_of; ///< the rate is what the phase of that name achieved, times `rate_factor`
    double rate_factor = 1;
    milliseconds ahead{250};  ///< how long before it is due a message is made
    double compression = 1;   ///< the periods below are so many times shorter
    ByKind<double> periods{}; ///< seconds between two messages of one client; 0 = none

    // Closed.
    unsigned concurrency = 32;
    milliseconds think{};
    std::vector<Kind> steps; ///< what each client does, in this order; empty = by `mix`

    ByKind<double> mix{}; ///< weights
    std::vector<Expectation> expect;
    std::string share_of;       ///< phase that `min_share` compares with
    double recovery_p99_ms = 0; ///< a slower second is none of a recovered server; 0 = no matter
};

/// Chances, from 0 to 1.
struct Failures {
    double disconnect = 0; ///< that a connection is cut in the middle of a request, which is sent again then
    double duplicate = 0;  ///< that a message is sent a second time after it was acknowledged
    double lost_delta = 0; ///< that a delta is never sent
};

/// Beyond which the run says nothing of the server.
struct Bounds {
    milliseconds lag{50}; ///< by which the generator was late, at the 99th percentile
    double busy = 0.9;    ///< share of the time in which a thread of the generator worked
};

struct Scenario {
    std::uint64_t seed = 1;
    std::uint64_t clients = 100;
    std::string site = "LAB";
    unsigned key_bits = 1024;
    std::size_t instances = 100;          ///< of a full hardware inventory
    unsigned states = 1;                  ///< in a state message
    std::size_t padding = 0;              ///< characters that are added to each state and status message
    unsigned connections = 64;            ///< open at a time
    unsigned requests_per_connection = 0; ///< 0 = as many as the server takes
    milliseconds timeout{30'000};         ///< for an answer
    unsigned retries = 5;
    milliseconds retry_delay{1'000};       ///< where the server names no time
    unsigned builders = 1;                 ///< threads that make messages
    std::size_t most_waiting = 64U << 20U; ///< bytes of messages that are ready and have no connection
    Failures failures;
    Bounds bounds;
    std::vector<Phase> phases;
};

/// `name` is how faults call the file. Reads all of it, and says all that is wrong.
std::expected<Scenario, std::vector<config::Fault>> read_scenario(std::string_view text,
                                                                  std::string const& name);

/// "90s", "250ms", "60m", "25h", "7d"; a number alone is seconds. Nothing for any other text, or over a year.
std::optional<milliseconds> duration_in(std::string_view text);

} // namespace pointman::client::load
