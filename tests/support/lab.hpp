// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "db/quarantine.hpp"
#include "server/app.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/paths.hpp"

#include <memory>
#include <string>
#include <vector>

namespace pointman::test {

/// A lab management point inside the test program: real sockets on free ports, real TLS, a real database in a
/// directory of its own, and a clock that the test sets.
class Lab {
public:
    /// `sets` as for --set.
    explicit Lab(std::vector<std::string> sets = {});

    /// Ends the daemon. Until start() nobody answers at its addresses.
    void stop();
    /// Starts it again on the same addresses, with the same database.
    void start();

    HttpConnection http() const;
    /// Over the Unix socket, as the user that the test runs as, who is the lab's operator.
    HttpConnection local() const;
    /// `credentials` as for HttpConnection::tls.
    HttpConnection https(std::string const& credentials = {}) const;
    App& app() { return *app_; }
    db::Store& store() { return app_->store(); }
    ManualClock& clock() { return clock_; }
    config::Settings const& settings() const { return settings_; }
    std::filesystem::path directory() const { return directory_.path(); }
    /// Text of DIR/logs/NAME.log; "" where there is none.
    std::string log(std::string_view name) const;
    std::vector<db::QuarantineEntry> quarantine();

private:
    void start_app();

    TemporaryDirectory directory_;
    ManualClock clock_;
    config::Settings settings_;
    std::unique_ptr<App> app_;
};

} // namespace pointman::test
