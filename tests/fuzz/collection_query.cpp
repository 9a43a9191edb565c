// SPDX-License-Identifier: Apache-2.0
// What an operator types as a query, and after a NUL what a client might send as the property `p`.
#include "endpoints/policy/collection_query.hpp"

#include "base/bytes.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

using namespace pointman;
using endpoints::policy::CollectionQuery;

void require(bool condition) {
    if (!condition) std::abort();
}

db::Client client_with(std::string_view value) {
    db::Client client{.id = ClientId::parse("5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3").value()};
    client.name = "PRESS042";
    client.agent_version = "5.00.8325.0000";
    client.discovery = {{"p", std::string(value)}, {"p", "1033"}};
    return client;
}

/// Whatever the query is: put into others it keeps its meaning.
void check_meaning(std::string const& text, CollectionQuery const& query, db::Client const& client) {
    bool const holds = query.matches(client);
    auto const same = [&client](std::string const& other, bool expected) {
        auto const parsed = CollectionQuery::parse(other);
        if (parsed) require(parsed->matches(client) == expected); // else a limit has been passed
    };
    same("(" + text + ")", holds);
    same("not (" + text + ")", !holds);
    same("(" + text + ") and name = other", false);
    same("name = press042 or " + text, true);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const input = as_chars(std::as_bytes(std::span(data, size)));
    auto const end = std::min(input.size(), input.find('\0'));
    std::string const text(input.substr(0, end));
    auto const client = client_with(input.substr(std::min(input.size(), end + 1)));
    auto const query = CollectionQuery::parse(text);
    if (query) {
        check_meaning(text, *query, client);
    } else {
        auto const& error = query.error();
        require(error.code == Code::usage && !error.message.empty());
        require(error.column >= 1 && error.column <= text.size() + 1);
    }
    return 0;
}
