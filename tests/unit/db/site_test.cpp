// SPDX-License-Identifier: Apache-2.0
#include "db/site.hpp"
#include "tests/unit/db/support.hpp"

namespace pointman::db::test {

namespace {

void write(Store& store, SiteRow const& site) {
    required(
        store.write_and_wait([&](Transaction& transaction) { return SiteRow::write(transaction, site); }));
}

std::optional<SiteRow> find(Store& store) {
    return required(store.read(SiteRow::find));
}

} // namespace

TEST_CASE("the site is what was written last", "[db][site]") {
    TemporaryDirectory const directory;
    auto const store = open_store(options_for(directory.path() / "pointman.db"));
    CHECK_FALSE(find(*store));
    SiteRow const first{"LAB", "mixed", "mp1.lab.example"};
    write(*store, first);
    CHECK(find(*store) == first);
    for (auto const& other : {SiteRow{"Q7T", "mixed", "mp1.lab.example"},
                              SiteRow{"Q7T", "native", "mp1.lab.example"}, SiteRow{"Q7T", "native", "mp2"}}) {
        write(*store, other);
        CHECK(find(*store) == other);
    }
}

TEST_CASE("a site that did not change is not written", "[db][site]") {
    TemporaryDirectory const directory;
    auto const options = options_for(directory.path() / "pointman.db");
    auto const store = open_store(options);
    auto const watcher = outsider(options.database);
    auto const version = [&] { return required(watcher->number("PRAGMA data_version")); };
    SiteRow const site{"LAB", "mixed", "mp1"};
    write(*store, site);
    auto const written = version();
    write(*store, site);
    CHECK(version() == written);
    write(*store, {"LAB", "native", "mp1"});
    CHECK(version() != written);
}

TEST_CASE("a mode that is none is refused", "[db][site]") {
    TemporaryDirectory const directory;
    auto const store = open_store(options_for(directory.path() / "pointman.db"));
    auto const refused = store->write_and_wait([](Transaction& transaction) {
        return SiteRow::write(transaction, {"LAB", "open", "mp1"});
    });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::storage);
    CHECK_FALSE(find(*store));
}

} // namespace pointman::db::test
