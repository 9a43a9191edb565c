// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <exception>
#include <new>
#include <pointman/messaging.hpp>
#include <pointman/pointman.h>
#include <utility>

namespace pc = pointman::client;

struct pointman_messaging {
    pc::Messaging value;
};
struct pointman_message {
    pc::Message value;
};

namespace {

// The codes of C are those of C++, moved by one for POINTMAN_OK.
static_assert(std::to_underlying(pc::Code::invalid_argument) + 1 == POINTMAN_INVALID_ARGUMENT);
static_assert(std::to_underlying(pc::Code::storage_full) + 1 == POINTMAN_STORAGE_FULL);

int report(pointman_error* error, int code, std::uint32_t hresult, int http_status,
           std::string_view message) noexcept {
    if (error == nullptr) return code;
    error->code = code;
    error->hresult = hresult;
    error->http_status = http_status;
    auto const shown = message.substr(0, sizeof error->message - 1);
    *std::ranges::copy(shown, error->message).out = '\0';
    return code;
}

int report(pointman_error* error, pc::Error const& failure) noexcept {
    return report(error, std::to_underlying(failure.code) + 1, pc::hresult_of(failure), failure.http_status,
                  failure.message);
}

template <class T>
int outcome(pointman_error* error, pc::Result<T> const& result) noexcept {
    return result ? POINTMAN_OK : report(error, result.error());
}

/// No exception leaves the library.
template <class Body>
int guarded(pointman_error* error, Body const& body) noexcept {
    constexpr std::uint32_t unexpected = 0x8000FFFF; // E_UNEXPECTED
    try {
        return body();
    } catch (std::exception const& failure) {
        return report(error, POINTMAN_INTERNAL, unexpected, 0, failure.what());
    } catch (...) {
        return report(error, POINTMAN_INTERNAL, unexpected, 0, "unknown failure");
    }
}

/// For setters that only memory can fail.
template <class Body>
int set(Body const& body) noexcept {
    return guarded(nullptr, [&body] {
        body();
        return int{POINTMAN_OK};
    });
}

std::string_view text_or_empty(char const* text) {
    return text == nullptr ? std::string_view{} : std::string_view{text};
}

pc::BytesView bytes_of(void const* bytes, std::size_t size) {
    return {static_cast<std::byte const*>(bytes), size};
}

int copy_bytes(pc::BytesView from, void* buffer, std::size_t size, pointman_error* error) {
    if (size < from.size())
        return report(
            error, {.code = pc::Code::invalid_argument, .message = "the buffer is too small for the bytes"});
    std::ranges::copy(from, static_cast<std::byte*>(buffer));
    return POINTMAN_OK;
}

int copy_text(std::string_view text, char* buffer, std::size_t size, std::size_t* needed,
              pointman_error* error) {
    if (needed != nullptr) *needed = text.size() + 1;
    if (buffer == nullptr && needed != nullptr) return POINTMAN_OK;
    if (buffer == nullptr || size <= text.size())
        return report(
            error, {.code = pc::Code::invalid_argument, .message = "the buffer is too small for the text"});
    *std::ranges::copy(text, buffer).out = '\0';
    return POINTMAN_OK;
}

} // namespace

char const* pointman_version(void) {
    return POINTMAN_VERSION;
}

int pointman_messaging_open(char const* queue, int deliver, pointman_messaging** messaging,
                            pointman_error* error) {
    return guarded(error, [&] {
        auto opened =
            pc::Messaging::open({.queue = text_or_empty(queue), .deliver_in_background = deliver != 0});
        if (!opened) return report(error, opened.error());
        *messaging = new pointman_messaging{std::move(*opened)};
        return int{POINTMAN_OK};
    });
}

void pointman_messaging_close(pointman_messaging* messaging) {
    delete messaging;
}

pointman_message* pointman_create_message(void) {
    try {
        return new pointman_message{};
    } catch (std::bad_alloc const&) {
        return nullptr;
    }
}

void pointman_message_free(pointman_message* message) {
    delete message;
}

int pointman_invoke(pointman_messaging* messaging, char const* host, pointman_message const* message,
                    pointman_message** reply, pointman_error* error) {
    return guarded(error, [&] {
        auto answer = messaging->value.invoke(text_or_empty(host), message->value);
        if (!answer) return report(error, answer.error());
        *reply = new pointman_message{std::move(*answer)};
        return int{POINTMAN_OK};
    });
}

int pointman_post(pointman_messaging* messaging, char const* host, pointman_message const* message,
                  char tracking_id[39], pointman_error* error) {
    return guarded(error, [&] {
        auto const id = messaging->value.post(text_or_empty(host), message->value);
        if (!id) return report(error, id.error());
        return tracking_id == nullptr ? int{POINTMAN_OK} : copy_text(*id, tracking_id, 39, nullptr, error);
    });
}

int pointman_flush(pointman_messaging* messaging, int all, std::size_t* waiting, pointman_error* error) {
    return guarded(error, [&] {
        auto const delivery = messaging->value.flush(all != 0);
        if (delivery && waiting != nullptr) *waiting = delivery->waiting;
        return outcome(error, delivery);
    });
}

int pointman_set_target_endpoint(pointman_message* message, char const* name) {
    return set([&] { message->value.set_target_endpoint(name); });
}

char const* pointman_target_endpoint(pointman_message const* message) {
    return message->value.target_endpoint().c_str();
}

int pointman_set_body_from_string(pointman_message* message, char const* text) {
    return set([&] { message->value.set_body_from_string(text); });
}

int pointman_set_body_from_buffer(pointman_message* message, void const* bytes, std::size_t size) {
    return set([&] { message->value.set_body_from_buffer(bytes_of(bytes, size)); });
}

int pointman_set_body_from_file(pointman_message* message, char const* file, pointman_error* error) {
    return guarded(error, [&] { return outcome(error, message->value.set_body_from_file(file)); });
}

std::size_t pointman_body_length(pointman_message const* message) {
    return message->value.body_length();
}

int pointman_body_to_buffer(pointman_message const* message, void* buffer, std::size_t size,
                            pointman_error* error) {
    return guarded(error, [&] { return copy_bytes(message->value.body(), buffer, size, error); });
}

int pointman_body_to_string(pointman_message const* message, char* buffer, std::size_t size,
                            std::size_t* needed, pointman_error* error) {
    return guarded(error, [&] {
        auto const text = message->value.body_string();
        return text ? copy_text(*text, buffer, size, needed, error) : report(error, text.error());
    });
}

int pointman_set_property(pointman_message* message, char const* name, char const* value) {
    return set([&] { message->value.set_property(name, value); });
}

int pointman_property(pointman_message const* message, char const* name, char* buffer, std::size_t size,
                      std::size_t* needed, pointman_error* error) {
    return guarded(error, [&] {
        auto const value = message->value.property(name);
        if (!value)
            return report(error, {.code = pc::Code::not_found, .message = "there is no such property"});
        return copy_text(*value, buffer, size, needed, error);
    });
}

int pointman_set_attachment_from_buffer(pointman_message* message, char const* name, void const* bytes,
                                        std::size_t size) {
    return set([&] { message->value.set_attachment_from_buffer(name, bytes_of(bytes, size)); });
}

int pointman_set_attachment_from_file(pointman_message* message, char const* name, char const* file,
                                      pointman_error* error) {
    return guarded(error,
                   [&] { return outcome(error, message->value.set_attachment_from_file(name, file)); });
}

std::size_t pointman_attachment_count(pointman_message const* message) {
    return message->value.attachment_count();
}

int pointman_attachment_name(pointman_message const* message, std::size_t index, char* buffer,
                             std::size_t size, std::size_t* needed, pointman_error* error) {
    return guarded(error, [&] {
        auto const attachment = message->value.attachment(index);
        return attachment ? copy_text(attachment->name(), buffer, size, needed, error)
                          : report(error, attachment.error());
    });
}

int pointman_attachment_length(pointman_message const* message, char const* name, std::size_t* length,
                               pointman_error* error) {
    return guarded(error, [&] {
        auto const attachment = message->value.attachment(std::string_view(name));
        if (attachment) *length = attachment->length();
        return outcome(error, attachment);
    });
}

int pointman_attachment_to_buffer(pointman_message const* message, char const* name, void* buffer,
                                  std::size_t size, pointman_error* error) {
    return guarded(error, [&] {
        auto const attachment = message->value.attachment(std::string_view(name));
        if (!attachment) return report(error, attachment.error());
        return copy_bytes(attachment->bytes(), buffer, size, error);
    });
}

int pointman_attachment_to_file(pointman_message const* message, char const* name, char const* file,
                                pointman_error* error) {
    return guarded(error, [&] {
        auto const attachment = message->value.attachment(std::string_view(name));
        if (!attachment) return report(error, attachment.error());
        return outcome(error, attachment->copy_to_file(file));
    });
}

int pointman_set_timeout(pointman_message* message, std::uint32_t seconds) {
    return set([&] { message->value.set_timeout(std::chrono::seconds{seconds}); });
}

std::uint32_t pointman_timeout(pointman_message const* message) {
    return static_cast<std::uint32_t>(message->value.timeout().count());
}

int pointman_set_client_id(pointman_message* message, char const* id) {
    return set([&] { message->value.set_client_id(id); });
}

int pointman_set_security_flags(pointman_message* message, std::uint32_t flags) {
    return set([&] { message->value.set_security_flags(flags); });
}

int pointman_set_client_certificate(pointman_message* message, char const* certificate_file,
                                    char const* key_file, pointman_error* error) {
    return guarded(error, [&] {
        auto credentials = pc::Credentials::from_files(certificate_file, key_file);
        if (!credentials) return report(error, credentials.error());
        message->value.set_client_certificate(std::move(*credentials));
        return int{POINTMAN_OK};
    });
}

int pointman_verify_server_signature(pointman_message* message, char const* certificates_file,
                                     pointman_error* error) {
    return guarded(error,
                   [&] { return outcome(error, message->value.verify_server_signature(certificates_file)); });
}

int pointman_set_encryption_certificate(pointman_message* message, void const* der, std::size_t size) {
    return set([&] { message->value.set_encryption_certificate(bytes_of(der, size)); });
}

int pointman_set_hash_algorithm(pointman_message* message, std::int32_t algorithm) {
    if (algorithm < POINTMAN_SHA1 || algorithm > POINTMAN_SHA512) return POINTMAN_INVALID_ARGUMENT;
    return set([&] { message->value.set_hash_algorithm(static_cast<pc::HashAlgorithm>(algorithm)); });
}

int pointman_set_port(pointman_message* message, std::uint16_t port) {
    return set([&] { message->value.set_port(port); });
}

int pointman_set_proxy(pointman_message* message, char const* name, char const* user, char const* password,
                       pointman_error* error) {
    return guarded(error, [&] {
        return outcome(error, message->value.set_proxy(name, std::string(text_or_empty(user)),
                                                       std::string(text_or_empty(password))));
    });
}

int pointman_set_trusted_roots(pointman_message* message, char const* file) {
    return set([&] { message->value.set_trusted_roots(file); });
}

int pointman_set_revocation_lists(pointman_message* message, char const* file) {
    return set([&] { message->value.set_revocation_lists(file); });
}
