// SPDX-License-Identifier: Apache-2.0
// The client library as a vendor gets it: installed, found, built against and run.
#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace pointman::test {

namespace {

std::string output_of(std::vector<std::string> const& command) {
    auto const finished = run(command);
    INFO(command.front() << ": " << finished.out << finished.err);
    REQUIRE(finished.exit_code == 0);
    return finished.out;
}

} // namespace

TEST_CASE("the installed package builds and runs programs in C++ and C") {
    TemporaryDirectory const directory;
    auto const prefix = (directory.path() / "prefix").string();
    auto const build = (directory.path() / "build").string();
    output_of({POINTMAN_CMAKE, "--install", POINTMAN_BUILD_DIR, "--prefix", prefix, "--component", "client"});
    output_of({POINTMAN_CMAKE, "-S", test_data("client_package").string(), "-B", build,
               "-DCMAKE_PREFIX_PATH=" + prefix, std::string("-DCMAKE_CXX_COMPILER=") + POINTMAN_CXX,
               std::string("-DCMAKE_C_COMPILER=") + POINTMAN_CC});
    output_of({POINTMAN_CMAKE, "--build", build});
    CHECK(output_of({build + "/vendor_cpp"}) == "server_unavailable MP1\n");
    CHECK(output_of({build + "/vendor_c"}) == POINTMAN_PROJECT_VERSION " hello 6\n");
}

TEST_CASE("the shared library shows its own names only") {
    auto const names =
        output_of({"sh", "-c", "nm -DC --defined-only " POINTMAN_BUILD_DIR "/client/library/libpointman.so"});
    REQUIRE(names.find("pointman::client::Message::Message()") != std::string::npos);
    for (std::size_t at = 0; at < names.size();) {
        auto const end = names.find('\n', at);
        auto const line = names.substr(at, end - at);
        at = end + 1;
        INFO(line);
        CHECK(line.find("pointman") != std::string::npos);
        CHECK(line.find("pointman::wire") == std::string::npos);
    }
}

} // namespace pointman::test
