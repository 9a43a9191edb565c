// SPDX-License-Identifier: Apache-2.0
// What policy costs: an unchanged request and a body against a bare Beast echo of the same sizes, driven by
// the same generator in the same run, and the CPU time of a delta among 10,000 assignments and 1,000
// collections. Exits with 1 where a request is answered at less than 60 % of the echo's rate, a body at less
// than 70 %, or a delta costs 2 ms. Arguments: request, body, delta; none = all three.
#include "base/hex.hpp"
#include "db/clients.hpp"
#include "db/collections.hpp"
#include "endpoints/policy/authoring.hpp"
#include "endpoints/policy/body.hpp"
#include "endpoints/policy/book.hpp"
#include "tests/bench/echo.hpp"
#include "tests/bench/figure.hpp"
#include "tests/bench/load.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/test_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace {

using namespace pointman;
using namespace pointman::bench;
constexpr unsigned connections = 8;
constexpr std::chrono::seconds warm_up{1};
constexpr std::chrono::seconds measured{4};
constexpr double most_of_delta = 500; ///< a second: 2 ms of CPU for each
constexpr int rounds = 3; ///< of each in turn, so that both see the same machine

struct Rate {
    double per_second = 0;
    double cpu = 0; ///< microseconds of one exchange, generator and server together
};

Rate rate(std::string const& address, std::string const& request) {
    std::atomic<bool> counting{false};
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> answers{0};
    std::atomic<unsigned> bad{0};
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < connections; ++i) {
        threads.emplace_back([&] {
            Connection connection(address);
            while (!stop) {
                if (connection.exchange(request) != 200) ++bad;
                if (counting) ++answers;
            }
        });
    }
    std::this_thread::sleep_for(warm_up);
    auto const started = std::chrono::steady_clock::now();
    auto const cpu_started = cpu_time(CLOCK_PROCESS_CPUTIME_ID);
    counting = true;
    std::this_thread::sleep_for(measured);
    counting = false;
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - started;
    std::chrono::duration<double, std::micro> const cpu = cpu_time(CLOCK_PROCESS_CPUTIME_ID) - cpu_started;
    stop = true;
    threads.clear();
    if (bad != 0) throw std::runtime_error(fmt::format("{} answers were no 200", bad.load()));
    auto const count = static_cast<double>(answers);
    return {count / took.count(), cpu.count() / count};
}

std::string policy_request(test::TestClient const& client, std::string const& type,
                           std::string const& cookie) {
    return fmt::format("<RequestAssignments SchemaVersion=\"1.00\" ACK=\"false\" RequestType=\"{}\">"
                       "<Identification><Machine><ClientID>{}</ClientID><FQDN>ws.lab</FQDN><NetBIOSName>{}"
                       "</NetBIOSName><SID /></Machine><User /></Identification><PolicySource>SMS:LAB"
                       "</PolicySource><Resource ResourceType=\"Machine\" /><ServerCookie>{}</ServerCookie>"
                       "</RequestAssignments>",
                       type, client.id().text(), client.name(), cookie);
}

std::string between(std::string const& text, std::string_view begin, std::string_view end) {
    auto const at = text.find(begin) + begin.size();
    return text.substr(at, text.find(end, at) - at);
}

/// A policy of a few properties, as settings have them; `number` makes it one of its own.
db::Policy add_policy(db::Transaction& transaction, unsigned number) {
    std::string xml =
        fmt::format("<Policy PolicyID=\"P{}\" PolicyVersion=\"1.00\"><PolicyRule PolicyRuleID=\"{{R}}\">"
                    "<PolicyAction PolicyActionType=\"WMI-XML\"><instance class=\"CCM_ClientAgent\">",
                    number);
    for (int i = 0; i < 12; ++i) {
        xml += fmt::format("<property name=\"Setting{}\" type=\"8\"><value><![CDATA[{}]]></value></property>",
                           i, number + static_cast<unsigned>(i));
    }
    xml += "</instance></PolicyAction></PolicyRule></Policy>";
    auto const document = must(schemas::parse(as_bytes(xml)));
    auto const body = must(endpoints::policy::make_body(document, {}));
    db::Policy const policy{.policy_id = body.policy_id,
                            .version = body.version,
                            .category = "ClientSettings",
                            .sha256 = body.sha256,
                            .sha1 = body.sha1,
                            .md5 = body.md5};
    must(endpoints::policy::add_policy(transaction, policy, body.content, config::SiteMode::mixed));
    return policy;
}

Result<bool> assign(db::Transaction& transaction, std::string const& policy, db::PolicyTarget const& target) {
    must(endpoints::policy::assign(transaction, policy, target, "", config::SiteMode::mixed));
    return true;
}

Rate median(std::vector<Rate> rates) {
    std::ranges::sort(rates, {}, &Rate::per_second);
    return rates[rates.size() / 2];
}

/// Prints both rates and their ratio, the medians of all rounds; whether that reaches `least`.
bool compare(std::string const& name, std::string const& address, std::string const& request,
             std::string const& floor, std::string const& floor_request, double least) {
    std::vector<Rate> ours;
    std::vector<Rate> theirs;
    for (int i = 0; i < rounds; ++i) {
        theirs.push_back(rate(floor, floor_request));
        ours.push_back(rate(address, request));
    }
    auto const mine = median(ours);
    auto const echo = median(theirs);
    auto const ratio = mine.per_second / echo.per_second;
    fmt::print(
        "{}: {:.0f}/s, {:.0f} us of CPU; bare Beast echo: {:.0f}/s, {:.0f} us; {:.0f} %, and {:.0f} % are "
        "wanted\n",
        name, mine.per_second, mine.cpu, echo.per_second, echo.cpu, 100 * ratio, 100 * least);
    return put_down({name, mine.per_second, "bare Beast echo", echo.per_second, least});
}

/// Ten assignments to each of 1,000 collections, a third of which the client is in; one policy in a hundred
/// changes.
bool delta_among_many(test::Lab& lab, test::TestClient const& client) {
    constexpr unsigned collections = 1'000;
    constexpr unsigned each = 10;
    auto filled = lab.store().write_and_wait([&client](db::Transaction& transaction) -> Result<bool> {
        for (unsigned i = 0; i < collections; ++i) {
            db::Collection collection{.name = fmt::format("collection {}", i)};
            if (i % 3 == 0) collection.query = fmt::format("name like '%{}%' or agent_version >= 5.0", i);
            if (i % 3 == 1) collection.query = fmt::format("name = 'PC{}' and fqdn like '%.lab'", i + 2);
            if (i % 3 == 2) collection.listed = {ClientId::random(), ClientId::random()};
            auto const id = must(db::Collections::add(transaction, "LAB", collection));
            for (unsigned j = 0; j < each; ++j) {
                auto const policy = add_policy(transaction, 1'000 + i * each + j);
                must(assign(transaction, policy.policy_id, {db::PolicyTarget::Kind::collection, id}));
            }
        }
        return assign(transaction, "P1", {db::PolicyTarget::Kind::client, client.id().text()});
    });
    must(std::move(filled));
    endpoints::policy::Books books;
    auto const sender = must(lab.store().read([&](db::Session& session) {
                            return db::Clients(session).find(client.id());
                        })).value();
    std::string cookie;
    std::size_t told = 0;
    auto const ask = [&] {
        must(lab.store().read([&](db::Session& session) -> Result<bool> {
            auto const reach = must(endpoints::policy::Reach::of(
                {sender.id, &sender}, db::PolicyResource::machine, books, session));
            auto const answer = endpoints::policy::decide(reach.groups(), reach.change(),
                                                          endpoints::policy::Scope::delta, cookie);
            told = answer.assignments.size();
            cookie = answer.cookie.text();
            return true;
        }));
    };
    ask();
    auto const all = told;
    auto const first_cookie = cookie;
    // Some of what the client has changes, so that the delta has something to say.
    must(lab.store().write_and_wait([](db::Transaction& transaction) -> Result<bool> {
        for (unsigned i = 0; i < collections; i += 30) {
            auto policy = must(db::Policies(transaction).resolve(fmt::format("P{}", 1'000 + i * each)));
            auto const content = must(db::Policies(transaction).body(policy.sha256)).value();
            auto const body = must(endpoints::policy::reversion(content, "2.00"));
            policy.version = body.version;
            policy.sha256 = body.sha256;
            policy.sha1 = body.sha1;
            policy.md5 = body.md5;
            must(endpoints::policy::add_policy(transaction, policy, body.content, config::SiteMode::mixed));
        }
        return true;
    }));
    auto const before_load = cpu_time(CLOCK_THREAD_CPUTIME_ID);
    ask();
    auto const load = cpu_time(CLOCK_THREAD_CPUTIME_ID) - before_load;
    constexpr int times = 200;
    auto const started = cpu_time(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < times; ++i) {
        cookie = first_cookie;
        ask();
    }
    std::chrono::duration<double, std::milli> const one =
        (cpu_time(CLOCK_THREAD_CPUTIME_ID) - started) / times;
    std::chrono::duration<double, std::milli> const anew = load;
    fmt::print("a delta among 10,000: {:.3f} ms of CPU for {} of {} assignments, less than 2 ms are wanted; "
               "{:.0f} ms to make the picture in memory anew\n",
               one.count(), told, all, anew.count());
    bool const fast = put_down(
        {"delta among 10,000 assignments", 1'000 / one.count(), "2 ms of CPU for each", most_of_delta, 1});
    return fast && told > 0 && told < all;
}

} // namespace

/// Without arguments all is measured; with some, what they name.
int main(int argc, char** argv) {
    std::vector<std::string_view> const only(argv + 1, argv + argc);
    auto const wanted = [&only](std::string_view name) {
        return only.empty() || std::ranges::find(only, name) != only.end();
    };
    test::Lab lab;
    auto const address = lab.app().addresses().http.front();
    auto connection = lab.http();
    test::TestClient client("PC1", test::test_key(0));
    client.register_with(connection);
    must(lab.store().write_and_wait([](db::Transaction& transaction) -> Result<bool> {
        for (unsigned i = 0; i < 20; ++i) must(assign(transaction, add_policy(transaction, i).policy_id, {}));
        return true;
    }));
    auto const full = test::TestClient::invoke(
        connection, client.message("MP_PolicyManager", policy_request(client, "Full", "")));
    auto const cookie = between(full, "<ServerCookie>", "</ServerCookie>");
    auto const request = post(
        wire::encode_request(client.message("MP_PolicyManager", policy_request(client, "OnUpdate", cookie))));
    std::string const body_request = "GET /SMS_MP/.sms_pol?P7.1_00 HTTP/1.1\r\nHost: lab\r\n\r\n";

    Connection probe(address);
    probe.exchange(request);
    auto const reply_size = probe.body_size();
    probe.exchange(body_request);
    auto const body_size = probe.body_size();
    fmt::print("request of {} bytes, reply of {}; body of {}; {} connections\n", request.size(), reply_size,
               body_size, connections);

    bool good = true;
    if (wanted("request")) {
        Echo const echo{Bytes(reply_size, std::byte{'x'})};
        good &= compare("unchanged policy request", address, request, echo.address(), request, 0.6);
    }
    if (wanted("body")) {
        Echo const echo{Bytes(body_size, std::byte{'x'})};
        good &= compare("policy body", address, body_request, echo.address(), body_request, 0.7);
    }
    if (wanted("delta")) good &= delta_among_many(lab, client);
    return good ? 0 : 1;
}
