// SPDX-License-Identifier: Apache-2.0
#include "db/media.hpp"
#include "tests/unit/db/support.hpp"

namespace pointman::db::test {

namespace {

Medium medium(std::string name, std::string key) {
    return {.name = std::move(name),
            .key_sha256 = std::move(key),
            .key_spki = to_bytes("spki"),
            .certificate = to_bytes("certificate"),
            .added = at("2026-03-04T05:06:07.089Z")};
}

std::int64_t add(Store& store, Medium const& given) {
    return required(
        store.write_and_wait([&](Transaction& transaction) { return Media::add(transaction, given); }));
}

std::vector<Medium> list(Store& store) {
    return required(store.read([](Session& session) { return Media(session).list(); }));
}

Result<bool> remove(Store& store, std::int64_t id) {
    return store.write_and_wait([id](Transaction& transaction) -> Result<bool> {
        if (auto gone = Media::remove(transaction, id); !gone) return std::unexpected(gone.error());
        return true;
    });
}

} // namespace

TEST_CASE("a boot medium comes back whole, and is known once for each key", "[db][media]") {
    TemporaryDirectory const directory;
    auto const store = open_store(options_for(directory.path() / "pointman.db"));
    auto const first = add(*store, medium("OSD Media Cert", "AA"));
    auto const second = add(*store, medium("Other", "BB"));
    CHECK(add(*store, medium("The first again", "AA")) == first);

    auto const known = list(*store);
    REQUIRE(known.size() == 2);
    CHECK(known[0].media_id == first);
    CHECK(known[0].name == "OSD Media Cert");
    CHECK(known[0].key_sha256 == "AA");
    CHECK(known[0].key_spki == to_bytes("spki"));
    CHECK(known[0].certificate == to_bytes("certificate"));
    CHECK(known[0].added == at("2026-03-04T05:06:07.089Z"));
    CHECK(known[1].media_id == second);
}

TEST_CASE("a removed medium is gone, and its id is never given again", "[db][media]") {
    TemporaryDirectory const directory;
    auto const store = open_store(options_for(directory.path() / "pointman.db"));
    auto const first = add(*store, medium("A", "AA"));
    CHECK(remove(*store, first));
    CHECK(list(*store).empty());
    auto const missing = remove(*store, first);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == Code::not_found);
    CHECK(add(*store, medium("A", "AA")) > first);
}

TEST_CASE("only so many media are known", "[db][media]") {
    TemporaryDirectory const directory;
    auto const store = open_store(options_for(directory.path() / "pointman.db"));
    required(store->write_and_wait([](Transaction& transaction) -> Result<bool> {
        for (std::size_t i = 0; i < Media::most; ++i)
            required(Media::add(transaction, medium("M", std::to_string(i))));
        return true;
    }));
    auto const refused = store->write_and_wait(
        [](Transaction& transaction) { return Media::add(transaction, medium("M", "one more")); });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::limit_exceeded);
    CHECK(list(*store).size() == Media::most);
}

} // namespace pointman::db::test
