// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/difference.hpp"
#include "tests/unit/client_inventory/support.hpp"

#include <rapidcheck.h>

#include <array>
#include <map>

using namespace pointman;
using namespace pointman::test;
using inventory::Instance;
using inventory::Snapshot;

namespace {

Instance disk(std::string_view device, std::string_view free) {
    return Instance("Win32_LogicalDisk").key("DeviceID", device).set("FreeSpace", free);
}

/// Few classes, keys and values, so that snapshots have much in common. The third class has no keys.
rc::Gen<Instance> any_instance() {
    return rc::gen::map(
        rc::gen::tuple(rc::gen::inRange(0, 3), rc::gen::inRange(0, 4), rc::gen::inRange(0, 3)),
        [](std::tuple<int, int, int> const& drawn) {
            auto const& [class_number, key, value] = drawn;
            Instance instance(fmt::format("Class{}", class_number));
            if (class_number < 2) instance.key("Name", fmt::format("k{}", key));
            return instance.set("Value", fmt::format("v{}", value));
        });
}

rc::Gen<std::vector<Instance>> any_instances() {
    return rc::gen::container<std::vector<Instance>>(any_instance());
}

} // namespace

namespace pointman::client::inventory {
std::ostream& operator<<(std::ostream& out, Instance const& instance) {
    return out << line_of(instance);
}
} // namespace pointman::client::inventory

TEST_CASE("texts as they can be reported") {
    using namespace std::literals;
    auto const row = GENERATE(table<std::string, std::string>({
        {"", ""},
        {" two words \n", "two words"},
        {"a\tb\nc\x01", "a b c"},
        {"Gr\xC3\xBC\xC3\x9F", "Gr\xC3\xBC\xC3\x9F"},
        {"a\xFF", "a\xEF\xBF\xBD"},
        {"\xC3", "\xEF\xBF\xBD"},
        {"a\xEF\xBF\xBF", "a"}, // U+FFFF
        {"a\0b"s, "a b"},
        {std::string(5000, 'x'), std::string(4096, 'x')},
        {std::string(4095, 'x') + "\xC3\xBC", std::string(4095, 'x')},
        {std::string(4096, '\xFF').substr(0, 4096),
         [] {
             std::string text;
             for (int i = 0; i < 1365; ++i) text += "\xEF\xBF\xBD";
             return text;
         }()},
    }));
    auto const& [text, expected] = row;
    CHECK(inventory::reportable(text) == expected);
    CHECK(inventory::reportable(expected) == expected);
}

TEST_CASE("properties that are not known are left out, keys are not") {
    auto const instance = Instance("C")
                              .key("K", "")
                              .set("A", "")
                              .set("B", " ")
                              .set("N", std::optional<std::uint64_t>())
                              .set("Z", std::optional<std::uint64_t>(0))
                              .set("M", -5)
                              .set("L", inventory::Values{"", "x", " "})
                              .set("E", inventory::Values{});
    CHECK(line_of(instance) == "C *K= Z=0 M=-5 L=x");
    CHECK(instance.value("K").empty());
    CHECK(instance.value("L") == "x");
    CHECK(instance.value("A").empty());
    CHECK(instance.find("A") == nullptr);
}

TEST_CASE("of instances with one identity the last counts") {
    Snapshot const snapshot({disk("b", "1"), disk("a", "1"), disk("b", "2"), disk("B", "3")});
    CHECK(lines_of(snapshot) == Lines{"Win32_LogicalDisk *DeviceID=B FreeSpace=3",
                                      "Win32_LogicalDisk *DeviceID=a FreeSpace=1",
                                      "Win32_LogicalDisk *DeviceID=b FreeSpace=2"});
    // Without keys there is one of a class.
    CHECK(lines_of(Snapshot({Instance("C").set("A", "1"), Instance("C").set("A", "2")})) == Lines{"C A=2"});
    // Names and folders of files are told apart without case.
    auto const file = [](std::string_view name) { return Instance("F").key_ignoring_case("Name", name); };
    CHECK(Snapshot({file("Tool"), file("tool")}).size() == 1);
    // Values of keys do not run into each other.
    CHECK(Snapshot({Instance("C").key("A", "ab").key("B", "c"), Instance("C").key("A", "a").key("B", "bc")})
              .size() == 2);
    CHECK(Snapshot().empty());
    CHECK(Snapshot().first("C") == nullptr);
}

TEST_CASE("what a delta lists") {
    Snapshot const before({disk("a", "1"), disk("b", "1"), disk("c", "1")});
    Snapshot const now({disk("b", "2"), disk("c", "1"), disk("d", "1")});
    auto const changes = inventory::difference(before, now);
    CHECK(lines_of(changes.added) == Lines{"Win32_LogicalDisk *DeviceID=d FreeSpace=1"});
    CHECK(lines_of(changes.updated) == Lines{"Win32_LogicalDisk *DeviceID=b FreeSpace=2"});
    CHECK(lines_of(changes.deleted) == Lines{"Win32_LogicalDisk *DeviceID=a FreeSpace=1"});
    CHECK(changes.size() == 3);
    CHECK(inventory::difference(now, now).empty());
    CHECK(inventory::difference({}, now).added.size() == 3);
    CHECK(inventory::difference(now, {}).deleted.size() == 3);
    // A property that is gone, another order of an array.
    CHECK(inventory::difference(Snapshot({disk("a", "1")}), Snapshot({disk("a", "")})).updated.size() == 1);
}

TEST_CASE("a difference leads from one snapshot to the other, and says no more than that") {
    CHECK(rc::check("apply(difference(a, b), a) == b", [] {
        auto const earlier = *any_instances();
        auto const later = *any_instances();
        Snapshot const before(earlier);
        Snapshot const now(later);
        auto const changes = inventory::difference(before, now);
        RC_ASSERT(inventory::apply(changes, before) == now);

        // A model that knows nothing of order: the last instance of each identity.
        std::map<std::string, Instance> old_ones;
        std::map<std::string, Instance> new_ones;
        for (auto const& each : earlier) old_ones.insert_or_assign(inventory::identity_of(each), each);
        for (auto const& each : later) new_ones.insert_or_assign(inventory::identity_of(each), each);
        std::array<std::size_t, 3> expected{};
        for (auto const& [identity, instance] : new_ones) {
            auto const old = old_ones.find(identity);
            if (old == old_ones.end()) {
                ++expected[0];
            } else if (old->second != instance) {
                ++expected[1];
            }
        }
        for (auto const& [identity, instance] : old_ones)
            expected[2] += new_ones.contains(identity) ? 0U : 1U;
        RC_ASSERT((std::array{changes.added.size(), changes.updated.size(), changes.deleted.size()}) ==
                  expected);
    }));
}
