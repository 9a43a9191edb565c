// SPDX-License-Identifier: Apache-2.0
// The C interface, through the shared library.
#include "tests/support/paths.hpp"
#include "tests/support/scripted_server.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <pointman/pointman.h>

namespace pointman::test {

namespace {

using MessagePointer = std::unique_ptr<pointman_message, decltype(&pointman_message_free)>;

MessagePointer new_message() {
    MessagePointer message(pointman_create_message(), &pointman_message_free);
    REQUIRE(message);
    return message;
}

struct Opened {
    explicit Opened(char const* queue) {
        REQUIRE(pointman_messaging_open(queue, 0, &messaging, nullptr) == POINTMAN_OK);
    }
    Opened(Opened const&) = delete;
    Opened& operator=(Opened const&) = delete;
    ~Opened() { pointman_messaging_close(messaging); }
    pointman_messaging* messaging = nullptr;
};

} // namespace

TEST_CASE("C: bodies, properties and attachments go in and come out") {
    auto const owner = new_message();
    auto* const message = owner.get();
    CHECK(pointman_set_body_from_string(message, "aé") == POINTMAN_OK);
    CHECK(pointman_body_length(message) == 6);
    std::array<char, 6> raw{};
    CHECK(pointman_body_to_buffer(message, raw.data(), raw.size(), nullptr) == POINTMAN_OK);
    CHECK(std::memcmp(raw.data(), "a\0\xE9\0\0\0", 6) == 0);

    CHECK(pointman_set_property(message, "FileType", "SMX") == POINTMAN_OK);
    std::array<char, 8> text{};
    CHECK(pointman_property(message, "filetype", text.data(), text.size(), nullptr, nullptr) == POINTMAN_OK);
    CHECK(std::string(text.data()) == "SMX");

    CHECK(pointman_set_attachment_from_buffer(message, "1", "abc", 3) == POINTMAN_OK);
    CHECK(pointman_attachment_count(message) == 1);
    std::size_t length = 0;
    CHECK(pointman_attachment_length(message, "1", &length, nullptr) == POINTMAN_OK);
    CHECK(length == 3);
    CHECK(pointman_attachment_to_buffer(message, "1", text.data(), text.size(), nullptr) == POINTMAN_OK);
    CHECK(pointman_attachment_name(message, 0, text.data(), text.size(), &length, nullptr) == POINTMAN_OK);
    CHECK(length == 2);

    CHECK(pointman_set_target_endpoint(message, "StatusReceiver") == POINTMAN_OK);
    CHECK(std::string(pointman_target_endpoint(message)) == "StatusReceiver");
    CHECK(pointman_set_timeout(message, 7) == POINTMAN_OK);
    CHECK(pointman_timeout(message) == 7);
}

TEST_CASE("C: a buffer that is too small is left alone, and told how large it should be") {
    auto const owner = new_message();
    auto* const message = owner.get();
    pointman_set_body_from_string(message, "hello");
    std::array<char, 6> buffer{'x'};
    std::size_t needed = 0;
    pointman_error error{};
    CHECK(pointman_body_to_string(message, nullptr, 0, &needed, &error) == POINTMAN_OK);
    CHECK(needed == 6);
    CHECK(pointman_body_to_string(message, buffer.data(), 5, &needed, &error) == POINTMAN_INVALID_ARGUMENT);
    CHECK(buffer[0] == 'x');
    CHECK(pointman_body_to_buffer(message, buffer.data(), 5, &error) == POINTMAN_INVALID_ARGUMENT);
    CHECK(pointman_body_to_string(message, buffer.data(), 6, nullptr, &error) == POINTMAN_OK);
    CHECK(std::string(buffer.data()) == "hello");
}

TEST_CASE("C: failures have a code, the original's number and a text") {
    auto const owner = new_message();
    auto* const message = owner.get();
    pointman_error error{};
    CHECK(pointman_set_body_from_file(message, "/none", &error) == POINTMAN_NOT_FOUND);
    CHECK(error.code == POINTMAN_NOT_FOUND);
    CHECK(error.hresult == 0x80070490);
    CHECK(std::string(error.message).find("/none") != std::string::npos);
    CHECK(pointman_body_to_string(message, nullptr, 0, nullptr, nullptr) == POINTMAN_DATATYPE_MISMATCH);
    CHECK(pointman_attachment_to_file(message, "1", "/tmp/none", &error) == POINTMAN_NOT_FOUND);
    CHECK(pointman_property(message, "x", nullptr, 0, nullptr, &error) == POINTMAN_NOT_FOUND);
    CHECK(pointman_set_client_certificate(message, "/none", "/none", &error) == POINTMAN_NOT_FOUND);
    CHECK(pointman_verify_server_signature(message, "/dev/null", &error) == POINTMAN_INVALID_ARGUMENT);
    CHECK(pointman_set_proxy(message, "https://x", nullptr, nullptr, &error) == POINTMAN_INVALID_ARGUMENT);
    CHECK(pointman_set_hash_algorithm(message, 9) == POINTMAN_INVALID_ARGUMENT);
    CHECK(pointman_set_client_id(message, nullptr) == POINTMAN_INTERNAL); // no exception gets out
}

TEST_CASE("C: messages are posted, flushed and invoked") {
    TemporaryDirectory const directory;
    auto const queue = (directory.path() / "queue").string();
    ScriptedServer server([](ScriptedRequest const&) { return ScriptedAnswer{http_answer(200)}; });
    Opened const opened(queue.c_str());
    auto const owner = new_message();
    pointman_set_target_endpoint(owner.get(), "MP_Test");
    pointman_set_body_from_string(owner.get(), "<M/>");
    std::array<char, 39> id{};
    pointman_error error{};
    REQUIRE(pointman_post(opened.messaging, server.url().c_str(), owner.get(), id.data(), &error) ==
            POINTMAN_OK);
    CHECK(std::strlen(id.data()) == 38);
    std::size_t waiting = 9;
    CHECK(pointman_flush(opened.messaging, 1, &waiting, &error) == POINTMAN_OK);
    CHECK(waiting == 0);
    CHECK(server.requests().size() == 1);
    pointman_message* reply = nullptr;
    CHECK(pointman_invoke(opened.messaging, server.url().c_str(), owner.get(), &reply, &error) ==
          POINTMAN_NO_REPLY);
    CHECK(error.hresult == 0x80040607);
    CHECK(reply == nullptr);
}

TEST_CASE("C: no host is the management point of this machine") {
    TemporaryDirectory const directory;
    auto const queue = (directory.path() / "queue").string();
    auto const path = (directory.path() / "s").string();
    ::setenv("POINTMAN_SOCKET", path.c_str(), 1);
    Opened const opened(queue.c_str());
    auto const owner = new_message();
    pointman_set_target_endpoint(owner.get(), "MP_Test");
    pointman_set_body_from_string(owner.get(), "<M/>");
    auto const outcomes = [&](int expected) {
        pointman_message* reply = nullptr;
        for (char const* const host : {static_cast<char const*>(nullptr), ""})
            CHECK(pointman_invoke(opened.messaging, host, owner.get(), &reply, nullptr) == expected);
    };
    outcomes(POINTMAN_SERVER_UNAVAILABLE);
    CHECK(pointman_post(opened.messaging, nullptr, owner.get(), nullptr, nullptr) == POINTMAN_OK);
    std::size_t waiting = 0;
    CHECK(pointman_flush(opened.messaging, 1, &waiting, nullptr) == POINTMAN_OK);
    CHECK(waiting == 1);

    ScriptedServer server([](ScriptedRequest const&) { return ScriptedAnswer{http_answer(200)}; }, path);
    outcomes(POINTMAN_NO_REPLY);
    CHECK(pointman_flush(opened.messaging, 1, &waiting, nullptr) == POINTMAN_OK);
    CHECK(waiting == 0);
    CHECK(server.requests().size() == 3);
    ::unsetenv("POINTMAN_SOCKET");
}

} // namespace pointman::test
