// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

#include <boost/json/parse.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace pointman::test {

/// The program itself, with a lab below the directory.
class Daemon {
public:
    explicit Daemon(std::filesystem::path const& directory)
        : ready_(directory / "ready.json")
        , process_(command(directory, ready_), directory / "console.log") {
        auto const line = boost::json::parse(wait_for_file(ready_, process_)).as_object();
        address_ = std::string(line.at("http").as_string()).substr(7);
    }
    std::string const& address() const { return address_; }
    Process& process() { return process_; }
    static std::filesystem::path database_in(std::filesystem::path const& directory) {
        return directory / "lab/pointman.db";
    }

private:
    static std::vector<std::string> command(std::filesystem::path const& directory,
                                            std::filesystem::path const& ready) {
        std::filesystem::remove(ready);
        return {POINTMAN_BINARY, "serve",       "--lab",   (directory / "lab").string(),
                "--http",        "127.0.0.1:0", "--https", "127.0.0.1:0",
                "--ready-file",  ready.string()};
    }

    std::filesystem::path ready_;
    Process process_;
    std::string address_;
};

} // namespace pointman::test
