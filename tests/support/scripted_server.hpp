// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::test {

/// What a scripted server received.
struct ScriptedRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers; ///< names in lower case
    std::string body;
    std::size_t connection = 0; ///< the first is 1

    std::string header(std::string const& name) const;
};

/// What it does then: sends the bytes as they are, and goes on, closes, or is silent until the test ends.
struct ScriptedAnswer {
    enum class Then { go_on, close, be_silent };
    std::string bytes;
    Then then = Then::go_on;
};

/// A whole answer, e.g. http_answer(503, {{"Retry-After", "7"}}).
std::string http_answer(int status, std::map<std::string, std::string> const& headers = {},
                        std::string_view body = {});

/// A server on a free port, or on a Unix socket, that answers as the test says. One thread for each
/// connection.
class ScriptedServer {
public:
    using Script = std::function<ScriptedAnswer(ScriptedRequest const&)>;

    /// `socket`: its path; "" = a free port.
    explicit ScriptedServer(Script script, std::string const& socket = {});
    ~ScriptedServer();
    ScriptedServer(ScriptedServer const&) = delete;
    ScriptedServer& operator=(ScriptedServer const&) = delete;

    std::string url() const; ///< "http://127.0.0.1:PORT", or "unix:PATH"
    std::vector<ScriptedRequest> requests() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace pointman::test
