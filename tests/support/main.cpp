// SPDX-License-Identifier: Apache-2.0
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include <csignal>

int main(int argc, char* argv[]) {
    // A peer that closes first must show as an error of the call, not end the test program.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    return Catch::Session().run(argc, argv);
}
