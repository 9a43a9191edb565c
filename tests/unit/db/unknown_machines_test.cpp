// SPDX-License-Identifier: Apache-2.0
#include "db/unknown_machines.hpp"
#include "tests/unit/db/support.hpp"

namespace pointman::db::test {

namespace {

UnknownMachines ensure(Store& store) {
    return required(store.write_and_wait(UnknownMachines::ensure));
}

std::optional<UnknownMachines> find(Store& store) {
    return required(store.read(UnknownMachines::find));
}

} // namespace

TEST_CASE("the ids of unknown machines are made once for each site", "[db][unknown_machines]") {
    TemporaryDirectory const directory;
    auto const options = options_for(directory.path() / "pointman.db");
    auto store = open_store(options);
    CHECK(!find(*store));

    auto const made = ensure(*store);
    CHECK(made.x64 != made.x86);
    auto const again = ensure(*store);
    CHECK(again.x64 == made.x64);
    CHECK(again.x86 == made.x86);

    store.reset();
    store = open_store(options);
    auto const kept = find(*store);
    REQUIRE(kept);
    CHECK(kept->x64 == made.x64);
    CHECK(kept->x86 == made.x86);

    TemporaryDirectory const elsewhere;
    auto const other = ensure(*open_store(options_for(elsewhere.path() / "pointman.db")));
    CHECK(other.x64 != made.x64);
    CHECK(other.x86 != made.x86);
}

TEST_CASE("an id that is there stays when the other is missing", "[db][unknown_machines]") {
    TemporaryDirectory const directory;
    auto const options = options_for(directory.path() / "pointman.db");
    auto const store = open_store(options);
    auto const made = ensure(*store);
    required(outsider(options.database)->run_script("DELETE FROM unknown_machine WHERE processor = 'x86'"));
    CHECK(!find(*store));
    auto const completed = ensure(*store);
    CHECK(completed.x64 == made.x64);
    CHECK(completed.x86 != made.x86);
}

TEST_CASE("an id that is none is a fault of the database", "[db][unknown_machines]") {
    TemporaryDirectory const directory;
    auto const options = options_for(directory.path() / "pointman.db");
    auto const store = open_store(options);
    required(
        outsider(options.database)
            ->run_script("INSERT INTO unknown_machine (processor, machine_id) VALUES ('x64', 'rubbish')"));
    auto const refused = store->write_and_wait(UnknownMachines::ensure);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::storage);
}

} // namespace pointman::db::test
