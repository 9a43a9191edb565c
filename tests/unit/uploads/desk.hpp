// SPDX-License-Identifier: Apache-2.0
// What the tests of uploads share: sessions with a database and a directory of their own.
#pragma once

#include "base/time.hpp"
#include "server/uploads/sessions.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace pointman::test {

inline std::string const message_a = "8D0F1DF5-F375-4F8B-840E-9F532C559CA4";
inline std::string const message_b = "693C1E7F-FFDA-4500-B39A-A6D1D157FB51";

class UploadDesk {
public:
    explicit UploadDesk(std::uint64_t sessions_of_address = 3) {
        settings.storage.files = directory_.path();
        settings.uploads.max_size = 1000;
        settings.uploads.max_bytes = 2500;
        settings.uploads.max_sessions = 4;
        settings.uploads.max_sessions_per_address = sessions_of_address;
        restart();
    }

    uploads::Sessions& sessions() { return *sessions_; }
    db::Store& store() { return *store_; }

    /// All that is in memory is lost.
    void restart() {
        sessions_.reset();
        store_.reset();
        db::StoreOptions options;
        options.database = directory_.path() / "pointman.db";
        store_ = db::Store::open(options).value();
        sessions_ = uploads::Sessions::open({settings, *store_, clock}).value();
    }

    std::string create(std::string const& message, std::string_view peer = "192.0.2.1") {
        return sessions_->create(message, peer).value();
    }

    /// Bytes `first` to the end of the text, of a file of `total`.
    uploads::Outcome<std::uint64_t> append(uploads::SessionKey const& key, std::uint64_t first,
                                           std::string_view text, std::uint64_t total) {
        return sessions_->append(key, {first, first + text.size() - 1, total}, as_bytes(text));
    }

    /// A finished upload.
    uploads::SessionKey upload(std::string const& message, std::string_view text,
                               std::string_view peer = "192.0.2.1") {
        uploads::SessionKey key{create(message, peer), message};
        if (!text.empty()) REQUIRE(append(key, 0, text, text.size()).value() == text.size());
        REQUIRE(sessions_->close(key).has_value());
        return key;
    }

    /// Texts of the finished uploads, in the order in which they are tried.
    std::vector<std::string> texts(std::string const& message, std::string_view peer = "192.0.2.1") {
        std::vector<std::string> found;
        auto const uploads = sessions_->finished(message, peer).value();
        for (auto const& each : uploads) found.emplace_back(as_chars(sessions_->read(each).value()));
        return found;
    }

    std::filesystem::path files() const { return directory_.path() / "uploads"; }
    std::set<std::string> names() const {
        std::set<std::string> names;
        for (auto const& entry : std::filesystem::directory_iterator(files()))
            names.insert(entry.path().filename().string());
        return names;
    }

    config::Settings settings;
    ManualClock clock{parse_iso_time("2026-11-23T10:00:00Z").value()};

private:
    TemporaryDirectory directory_;
    std::unique_ptr<db::Store> store_;
    std::unique_ptr<uploads::Sessions> sessions_;
};

} // namespace pointman::test
