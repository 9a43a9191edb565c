// SPDX-License-Identifier: Apache-2.0
// What policy says to an agent: the body of a policy, a trigger, a condition. Whatever comes is read or
// refused, every schedule comes later than what it is asked for, and no secret is shown.
#include "base/bytes.hpp"
#include "client/agent/condition.hpp"
#include "client/agent/instructions.hpp"
#include "client/agent/policy_body.hpp"
#include "client/agent/readable.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

using namespace pointman::client;
using namespace pointman::client::agent;

inventory::Snapshot const facts = facts_of("5.00.8325.0000");

void require(bool is_so) {
    if (!is_so) std::abort();
}

void read_trigger(std::string_view text) {
    auto const trigger = Trigger::parse(text);
    if (!trigger) return require(trigger.error().code == pointman::Code::malformed);
    using namespace std::chrono;
    Time const from = sys_days(year(2026) / 11 / 23);
    auto const next = trigger->next_after(from);
    require(!next || *next > from);
}

void read_body(std::string_view text) {
    auto const body = read_policy_instances(text, facts);
    require(body || body.error().code == Code::bad_reply);
    KeptPolicy const policy{.assignments = {{.assignment = {}, .body = std::string(text)}}};
    auto const instructions = read_instructions(policy, facts);
    require(instructions.polling.count() > 0);
    for (auto const& rule : instructions.software) require(rule.directory.starts_with('/'));
    for (auto const& rule : instructions.files) require(rule.directory.starts_with('/'));
    require(!readable_xml(text).empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const text = pointman::as_chars(std::as_bytes(std::span(data, size)).subspan(1));
    switch (data[0] % 3) {
    case 0:
        read_trigger(text);
        break;
    case 1:
        (void)query_holds(text, facts);
        break;
    default:
        read_body(text);
    }
    return 0;
}
