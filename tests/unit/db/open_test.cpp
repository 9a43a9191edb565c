// SPDX-License-Identifier: Apache-2.0
#include "db/migrations.hpp"
#include "tests/unit/db/support.hpp"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace pointman::db::test {

namespace {

unsigned mode_of(std::filesystem::path const& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return 0;
    return status.st_mode & 0777U;
}

void make_empty_file(std::filesystem::path const& path) {
    std::ofstream const made{path};
    REQUIRE(made);
}

/// Any SQLite file, made by `script`.
void make_database(std::filesystem::path const& path, std::string_view script) {
    make_empty_file(path);
    required(outsider(path)->run_script(script));
}

std::string schema_of(Store& store) {
    auto const texts = required(store.read([](Session& session) {
        return session.connection().all("SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name",
                                        [](Row const& row) -> Result<std::string> { return row.text(0); });
    }));
    std::string all;
    for (auto const& text : texts) all += text + "\n";
    return all;
}

} // namespace

TEST_CASE("a new database and its companions are for the owner only", "[db][open]") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "pointman.db";
    auto const before = ::umask(0);
    auto const store = open_store(options_for(path));
    required(store->write_and_wait(make_notes));
    ::umask(before);
    for (auto const* const suffix : {"", "-wal", "-shm"}) {
        INFO(suffix);
        CHECK(mode_of(path.string() + suffix) == 0600U);
    }
}

TEST_CASE("the database is durable at each commit", "[db][open]") {
    NoteStore fixture;
    auto const settings =
        required(fixture.store->write_and_wait([](Transaction& transaction) -> Result<Notes> {
            auto& connection = transaction.connection();
            auto const text = [](Row const& row) -> Result<std::string> { return row.text(0); };
            return Notes{{0, connection.one("PRAGMA journal_mode", text)->value()},
                         {1, connection.one("PRAGMA synchronous", text)->value()},
                         {2, connection.one("PRAGMA foreign_keys", text)->value()}};
        }));
    CHECK(settings == Notes{{0, "wal"}, {1, "2"}, {2, "1"}});
}

TEST_CASE("opening again changes nothing", "[db][open]") {
    TemporaryDirectory const directory;
    auto const options = options_for(directory.path() / "pointman.db");
    auto first = open_store(options);
    required(first->write_and_wait(make_notes));
    required(first->write_and_wait([](Transaction& transaction) { return put(transaction, 1, "kept"); }));
    auto const schema = schema_of(*first);
    auto const second = open_store(options); // while the first is open
    CHECK(schema_of(*second) == schema);
    first.reset();
    auto const third = open_store(options);
    CHECK(schema_of(*third) == schema);
    CHECK(notes(*third) == Notes{{1, "kept"}});
    CHECK(outsider(options.database)->number("PRAGMA user_version").value() == newest_version());
    CHECK(outsider(options.database)->number("PRAGMA application_id").value() == application_id);
}

TEST_CASE("a lock on a database that is up to date does not keep others from opening it", "[db][open]") {
    NoteStore fixture;
    auto const other = outsider(fixture.path());
    REQUIRE(other->begin(Connection::Begin::immediate));
    auto options = options_for(fixture.path());
    options.busy_timeout = milliseconds(20);
    CHECK(Store::open(options));
}

TEST_CASE("a lock for longer than the timeout keeps a new database from being set up", "[db][open]") {
    TemporaryDirectory const directory;
    auto options = options_for(directory.path() / "pointman.db");
    options.busy_timeout = milliseconds(20);
    make_empty_file(options.database);
    auto const other = outsider(options.database);
    REQUIRE(other->begin(Connection::Begin::immediate));
    auto const refused = Store::open(options);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::busy);
    other->rollback();
    CHECK(Store::open(options));
}

TEST_CASE("a database from a newer version is refused with both versions", "[db][open]") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "pointman.db";
    open_store(options_for(path)).reset();
    required(outsider(path)->run_script("PRAGMA user_version=4711"));
    auto const refused = Store::open(options_for(path));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::storage);
    CHECK(refused.error().message.find("4711") != std::string::npos);
    CHECK(refused.error().message.find(std::to_string(newest_version())) != std::string::npos);
    CHECK(outsider(path)->number("PRAGMA user_version").value() == 4711);
}

TEST_CASE("what is no database of this project is refused and left alone", "[db][open]") {
    struct Case {
        std::string name;
        std::string script;  ///< makes a SQLite file, or
        std::string content; ///< any file
        std::string message;
    };
    auto const cases = std::vector<Case>{
        {"a text file", "", std::string(5000, 'x'), "the file is not a database"},
        {"a short text file", "", "just a note", "the file is not a database"},
        {"a database with tables", "CREATE TABLE theirs (a)", "", "the database belongs to another program"},
        {"a database with a version", "PRAGMA user_version=3; CREATE TABLE t (a); DROP TABLE t", "",
         "the database belongs to another program"},
        {"a database that is marked", "PRAGMA application_id=7; CREATE TABLE t (a); DROP TABLE t", "",
         "the database belongs to another program"},
    };
    TemporaryDirectory const directory;
    for (auto const& row : cases) {
        INFO(row.name);
        auto const path = directory.path() / "other.db";
        if (row.script.empty()) {
            std::ofstream(path, std::ios::binary) << row.content;
        } else {
            make_database(path, row.script);
        }
        auto const before = pointman::test::read_bytes(path);
        auto const refused = Store::open(options_for(path));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Code::storage);
        CHECK(refused.error().message == row.message);
        CHECK(pointman::test::read_bytes(path) == before);
        CHECK_FALSE(std::filesystem::exists(path.string() + "-wal"));
        std::filesystem::remove(path);
    }
}

TEST_CASE("a path that cannot be a database fails with io", "[db][open]") {
    TemporaryDirectory const directory;
    for (auto const& path : {directory.path(), directory.path() / "absent" / "pointman.db"}) {
        auto const refused = Store::open(options_for(path));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Code::io);
        CHECK(refused.error().message.find(directory.path().string()) == std::string::npos);
    }
}

TEST_CASE("a migration that fails leaves an empty database", "[db][open]") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "pointman.db";
    make_empty_file(path);
    auto const connection = outsider(path);
    required(connection->run_script("PRAGMA max_page_count=3"));
    auto const refused = migrate(*connection);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::storage_full);
    CHECK(recognise(*connection).value() == 0);
    required(connection->run_script("PRAGMA max_page_count=1000"));
    CHECK(migrate(*connection));
    CHECK(recognise(*connection).value() == newest_version());
}

} // namespace pointman::db::test
