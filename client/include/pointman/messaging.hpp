// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <pointman/message.hpp>
#include <pointman/time.hpp>
#include <utility>
#include <vector>

namespace pointman::client {

/// How long each step of an exchange may take.
struct Deadlines {
    std::chrono::milliseconds connect{10'000}; ///< name and connection
    std::chrono::milliseconds handshake{10'000};
    std::chrono::milliseconds send{60'000};
    std::chrono::milliseconds header{60'000}; ///< until the answer's header is there
    std::chrono::milliseconds body{60'000};   ///< from then on until it is whole
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// One request and what came of it, as both went over the wire. The views last as long as the call.
struct Exchange {
    /// "http://mp1.lab.example", with a port where it is not the scheme's own; or "unix:/PATH".
    std::string_view server;
    std::string_view method;
    std::string_view target;
    HttpHeaders const& request_headers;
    std::string_view request_body;
    int status = 0; ///< 0 = no answer
    HttpHeaders const& reply_headers;
    std::string_view reply_body;
    Error const* failure = nullptr; ///< why there was no answer
    Time begun{};
    Time ended{};
};

struct MessagingOptions {
    /// Where posted messages wait: made with mode 0700. Several processes may share it. Without it post() is
    /// refused.
    std::filesystem::path queue{};
    /// Whether a thread delivers what is in the queue; otherwise only flush() does.
    bool deliver_in_background = true;
    /// Waits after the first, second ... failure of a target; the last is used again and again. The server's
    /// Retry-After is honoured where it is longer.
    std::vector<std::chrono::seconds> retry_after{std::chrono::minutes{1}, std::chrono::minutes{5},
                                                  std::chrono::minutes{30}, std::chrono::minutes{60}};
    Deadlines deadlines{};
    std::size_t max_reply = std::size_t{64} * 1024 * 1024; ///< bytes, as sent and after decompression
    /// A payload of more bytes is uploaded by BITS before its message is sent; 0 = never. To a server that
    /// takes no uploads it goes with its message after all.
    std::size_t upload_threshold = 0;
    /// Whether bodies are checked against the schema of their endpoint before they are sent.
    bool check_schema = true;
    /// This machine's NetBIOS name; "" = from the host name.
    std::string source_host{};
    /// The one source of time.
    std::function<Time()> now{};
    /// Told of each exchange, in the thread that made it; the fragments of uploads too.
    std::function<void(Exchange const&)> observe{};
};

/// What one flush did.
struct Delivery {
    std::size_t delivered = 0;
    std::size_t expired = 0;             ///< dropped: their timeout was over
    std::size_t refused = 0;             ///< moved aside, see Messaging::refused
    std::size_t waiting = 0;             ///< still in the queue
    std::optional<Error> last_failure{}; ///< why the last of those that wait did not go
};

/// A message in the queue, or moved aside.
struct QueuedMessage {
    std::string tracking_id;
    std::string host;
    std::string endpoint;
    Time posted{};
    std::optional<Time> expires{};
    std::string reason{}; ///< of one that was moved aside
};

/// ISmsMessaging: sends messages. Safe to use from several threads. Connections are kept for the next
/// message.
class POINTMAN_API Messaging {
public:
    /// Fails with storage where the queue's directory cannot be made or used.
    static Result<Messaging> open(MessagingOptions options = {});
    Messaging(Messaging&&) noexcept;
    Messaging& operator=(Messaging&&) noexcept;
    /// What is in the queue stays there.
    ~Messaging();

    /// CreateMessage: a new, empty message.
    Message create_message() const { return {}; }

    /// Invoke: sends the message and waits for the reply.
    /// `host` chooses the transport as in the original: a URL is HTTP, an empty text is the local management
    /// point. The URL's path, where it has one, stands in place of /ccm_system/request. HTTPS is used where
    /// the flags say native_mode (or the URL says https), whatever the URL's port.
    /// The local management point is reached by a Unix socket: that of the variable POINTMAN_SOCKET, else
    /// /run/pointman/pointman.sock; `unix:/PATH` names another. TLS, port and proxy are for HTTP only: what
    /// the message says of them, native_mode too, is passed over there.
    /// Fails with no_reply for the empty answer, with which servers refuse too, and with everything that
    /// Code names but storage.
    Result<Message> invoke(std::string_view host, Message const& message);

    /// Post: puts the message into the queue and returns its tracking id. It is on the disk then, and is sent
    /// with the same message id until it is accepted, refused for good or out of time. Messages to the same
    /// endpoint of a host stay in order. Signed now, encrypted when sent.
    Result<std::string> post(std::string_view host, Message const& message);

    /// Delivers what is due, or, with `all`, everything, however recently it failed. Waits for another
    /// process that is delivering from the same queue.
    Result<Delivery> flush(bool all = false);
    /// What is in the queue, in order.
    Result<std::vector<QueuedMessage>> queued() const;
    /// What was moved aside, because the server refused it for good, or because its file is damaged. Files
    /// are in QUEUE/refused; the application removes them.
    Result<std::vector<QueuedMessage>> refused() const;

    /// GET of a page of the management point, e.g. "/SMS_MP/.sms_aut?MPLIST": the body of an answer with
    /// status 200. `settings` gives security flags, certificates, port and proxy.
    Result<Bytes> get(std::string_view host, std::string_view target, Message const& settings,
                      HttpHeaders const& headers = {});

    /// By the clock of the options.
    Time now() const;
    std::string const& source_host() const;

private:
    struct Impl;
    explicit Messaging(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace pointman::client
