// SPDX-License-Identifier: Apache-2.0
// The program itself, run beside a lab as an operator runs it.
#pragma once

#include "tests/support/lab.hpp"
#include "tests/support/process.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::test {

using Texts = std::vector<std::string>;

/// `--lab DIR`: the program reads the lab's settings, without what the test set.
inline Texts by_lab(Lab const& lab) {
    return {"--lab", lab.directory().string()};
}

/// `--db FILE`: the program knows of the site what the database says.
inline Texts by_database(Lab const& lab) {
    return {"--db", lab.settings().storage.database.string()};
}

inline Finished pointman(Texts arguments, Texts const& where = {}) {
    arguments.insert(arguments.begin(), POINTMAN_BINARY);
    arguments.insert(arguments.end(), where.begin(), where.end());
    return run(arguments);
}

inline Finished pointman(Lab const& lab, Texts arguments) {
    return pointman(std::move(arguments), by_lab(lab));
}

/// A network access account, for all.
inline void assign_secret_policy(Lab const& lab, std::string const& id) {
    auto const made = pointman(
        lab, {"policy", "template", "naa", "--param", "user=u", "--param", "password=p", "--id", id});
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
    REQUIRE(pointman(lab, {"policy", "assign", id, "--all"}).exit_code == 0);
}

/// JSON of a command that has to succeed.
inline boost::json::value told(Texts arguments, Texts const& where) {
    arguments.emplace_back("--json");
    auto const finished = pointman(std::move(arguments), where);
    INFO(finished.err);
    REQUIRE(finished.exit_code == 0);
    return boost::json::parse(finished.out);
}

inline boost::json::value told(Lab const& lab, Texts arguments) {
    return told(std::move(arguments), by_lab(lab));
}

inline std::string text_of(boost::json::value const& object, std::string_view key) {
    return std::string(object.as_object().at(key).as_string());
}

} // namespace pointman::test
