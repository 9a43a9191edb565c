// SPDX-License-Identifier: Apache-2.0
// Where the time of a message goes: its stages one by one, and the service as a whole without HTTP, for a
// policy request that brings nothing new. The floor is what is left when nothing of it is looked at: a hash
// of its bytes.
#include "server/wire/message.hpp"

#include "base/hex.hpp"
#include "db/clients.hpp"
#include "endpoints/directory.hpp"
#include "endpoints/policy/authoring.hpp"
#include "endpoints/policy/book.hpp"
#include "schemas/validator.hpp"
#include "server/service/message_service.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/test_client.hpp"

#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>

namespace {

using namespace pointman;
namespace asio = boost::asio;

std::string policy_request(test::TestClient const& client, std::string const& cookie) {
    return fmt::format("<RequestAssignments SchemaVersion=\"1.00\" ACK=\"false\" RequestType=\"OnUpdate\">"
                       "<Identification><Machine><ClientID>{}</ClientID><FQDN>ws.lab</FQDN><NetBIOSName>{}"
                       "</NetBIOSName><SID /></Machine><User /></Identification><PolicySource>SMS:LAB"
                       "</PolicySource><Resource ResourceType=\"Machine\" /><ServerCookie>{}</ServerCookie>"
                       "</RequestAssignments>",
                       client.id().text(), client.name(), cookie);
}

/// A lab with a client, and a service of its own on the lab's store.
struct World {
    test::Lab lab{{"log.level=info"}};
    test::TestClient client{"PC1", test::test_key(0)};
    service::Metrics metrics;
    endpoints::Site site{.settings = lab.settings(),
                         .clock = lab.clock(),
                         .books = std::make_shared<endpoints::policy::Books>()};
    endpoints::Directory directory{site};
    std::unique_ptr<log::Logs> logs;
    asio::io_context io;
    std::optional<service::MessageService> messages;
    service::Submission submission;
    std::string reply;

    World() {
        auto connection = lab.http();
        client.register_with(connection);
        auto const cookie_at = [](std::string const& text) {
            constexpr std::string_view begin = "<ServerCookie>";
            auto const at = text.find(begin) + begin.size();
            return text.substr(at, text.find('<', at) - at);
        };
        auto const first = test::TestClient::invoke(
            connection, client.message("MP_PolicyManager", policy_request(client, "")));
        auto request = client.message("MP_PolicyManager", policy_request(client, cookie_at(first)));
        reply = test::TestClient::invoke(connection, request);
        submission = {.request_id = "r1",
                      .path = "/ccm_system/request",
                      .content_type = std::string(wire::content_type),
                      .body = wire::encode_request(std::move(request)),
                      .peer = "127.0.0.1:1",
                      .integrated_account = {},
                      .certificate = {},
                      .replay_of = {}};
        auto opened =
            log::Logs::open({.directory = lab.directory() / "bench", .console = false}, lab.clock());
        if (!opened) throw std::runtime_error(describe(opened.error()));
        logs = std::move(*opened);
        messages.emplace(service::MessageService::Parts{
            lab.settings(), directory, lab.store(), lab.clock(), *logs, metrics, io.get_executor(), {}, {}});
    }
};

/// Made and destroyed by main(): before the benchmarks are timed, and while its threads still can end.
World* the_world = nullptr;
World& world() {
    return *the_world;
}

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(describe(result.error()));
    return std::move(*result);
}

wire::Envelope envelope() {
    auto const& submission = world().submission;
    return std::get<wire::Envelope>(must(wire::decode(submission.content_type, submission.body, {})));
}

void hash(benchmark::State& state) {
    for ([[maybe_unused]] auto const round : state)
        benchmark::DoNotOptimize(sha256_hex(world().submission.body));
}

void decode(benchmark::State& state) {
    for ([[maybe_unused]] auto const round : state) benchmark::DoNotOptimize(envelope());
}

void open(benchmark::State& state) {
    auto const whole = envelope();
    for ([[maybe_unused]] auto const round : state)
        benchmark::DoNotOptimize(must(wire::open(whole.header, whole.payload, {})));
}

void validate(benchmark::State& state) {
    auto const whole = envelope();
    auto const message = must(wire::open(whole.header, whole.payload, {}));
    for ([[maybe_unused]] auto const round : state)
        benchmark::DoNotOptimize(must(schemas::validate("request_assignments.xsd", message.body())));
}

void empty_read(benchmark::State& state) {
    for ([[maybe_unused]] auto const round : state)
        benchmark::DoNotOptimize(
            must(world().lab.store().read([](db::Session&) -> Result<bool> { return true; })));
}

void find_sender(benchmark::State& state) {
    for ([[maybe_unused]] auto const round : state) {
        benchmark::DoNotOptimize(must(world().lab.store().read(
            [](db::Session& session) { return db::Clients(session).find_brief(world().client.id()); })));
    }
}

void find_policy(benchmark::State& state) {
    auto const sender = must(world().lab.store().read([](db::Session& session) {
                            return db::Clients(session).find(world().client.id());
                        })).value();
    for ([[maybe_unused]] auto const round : state) {
        benchmark::DoNotOptimize(must(world().lab.store().read([&sender](db::Session& session) {
            return endpoints::policy::Reach::of({sender.id, &sender}, db::PolicyResource::machine,
                                                *world().site.books, session);
        })));
    }
}

void encode_reply(benchmark::State& state) {
    auto const whole = envelope();
    wire::ReplyStamp const stamp{random_message_id(), "2020-01-01T00:00:00Z", "lab"};
    for ([[maybe_unused]] auto const round : state)
        benchmark::DoNotOptimize(wire::encode_reply(whole.header, world().reply, stamp));
}

void receive(benchmark::State& state) {
    auto& io = world().io;
    for ([[maybe_unused]] auto const round : state) {
        bool good = false;
        asio::co_spawn(io, world().messages->receive(world().submission),
                       [&good](std::exception_ptr const& failure, service::Answer const& answer) {
                           good = !failure && !answer.body.empty() && !answer.error;
                       });
        io.run();
        io.restart();
        if (!good) state.SkipWithError("the request was not answered");
    }
}

BENCHMARK(hash);
BENCHMARK(decode);
BENCHMARK(open);
BENCHMARK(validate);
BENCHMARK(empty_read);
BENCHMARK(find_sender);
BENCHMARK(find_policy);
BENCHMARK(encode_reply);
BENCHMARK(receive);

} // namespace

int main(int argc, char** argv) {
    World made;
    the_world = &made;
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
