// SPDX-License-Identifier: Apache-2.0
#include "server/http/connection.hpp"

#include "server/http/answer.hpp"
#include "server/http/chunks.hpp"
#include "server/http/head.hpp"
#include "server/http/watchdog.hpp"
#include "server/tls/client_trust.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <optional>
#include <type_traits>

namespace pointman::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Awaited operations give their error as a value: a client that goes away is nothing exceptional.
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t read_size = std::size_t{8} * 1024;
constexpr std::size_t body_read_size = std::size_t{64} * 1024;
/// What a reader must take within idle_timeout, so that a large answer over a slow line still arrives.
constexpr std::size_t write_size = std::size_t{256} * 1024;
/// How long a refused client may go on sending before the connection is cut. A close with unread bytes would
/// destroy the answer on its way.
constexpr std::chrono::milliseconds linger_time{2000};

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view view_of(boost::beast::flat_buffer const& buffer) {
    return {static_cast<char const*>(buffer.data().data()), buffer.size()};
}

template <class Stream>
constexpr bool is_tls = std::is_same_v<Stream, TlsStream>;

template <class Stream>
void close_stream(Stream& stream) {
    error_code ignored;
    if constexpr (is_tls<Stream>) {
        stream.next_layer().close(ignored);
    } else if constexpr (std::is_same_v<Stream, MemoryStream>) {
        stream.close();
    } else {
        stream.close(ignored);
    }
}

/// The layer that the operating system's buffers are behind.
template <class Stream>
auto& transport_of(Stream& stream) {
    if constexpr (is_tls<Stream>) {
        return stream.next_layer();
    } else {
        return stream;
    }
}

template <class Stream>
class Connection final : public Control, public std::enable_shared_from_this<Connection<Stream>> {
public:
    Connection(Stream stream, std::shared_ptr<Core> core, Gate::Slot slot, Peer peer,
               std::shared_ptr<asio::ssl::context> tls_context)
        : tls_context_(std::move(tls_context))
        , core_(std::move(core))
        , slot_(std::move(slot))
        , stream_(std::move(stream))
        , peer_(std::move(peer))
        , state_(std::make_shared<std::any>()) {}

    void start() {
        slot_.attach(this->weak_from_this());
        watchdog_ = std::make_shared<Watchdog>(stream_.get_executor(), [weak = this->weak_from_this()] {
            if (auto const self = weak.lock()) self->expired();
        });
        asio::co_spawn(stream_.get_executor(), run(this->shared_from_this()), asio::detached);
    }

    void begin_drain() override {
        asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
            if (self->idle_) self->close_now();
        });
    }

    void abort() override {
        asio::post(stream_.get_executor(), [self = this->shared_from_this()] { self->close_now(); });
    }

private:
    Limits const& limits() const { return core_->limits; }

    // --- Life ---

    /// A static member, so that the coroutine's frame owns the connection.
    static asio::awaitable<void> run(std::shared_ptr<Connection> self) {
        try {
            if (co_await self->handshake()) {
                while (co_await self->serve_one()) {
                }
            }
        } catch (std::exception const& error) {
            self->core_->log.error({}, "connection from {} ended: {}", self->peer_.text, error.what());
        }
        self->watchdog_->stop();
        self->close_now();
    }

    void close_now() {
        closed_ = true;
        close_stream(stream_);
    }

    void expired() {
        if (!idle_ && !lingering_) {
            ++core_->counters.timeouts;
            note(Event::timeout, request_id_, "too slow");
        }
        close_now();
    }

    /// One record for a refusal, unless there are too many of its kind.
    void note(Event event, std::string_view request, std::string_view what) const {
        auto const held = core_->throttle.pass(event);
        if (!held) return;
        if (*held == 0) {
            core_->log.warning({.request = request, .client = {}}, "{}: {}", peer_.text, what);
        } else {
            core_->log.warning({.request = request, .client = {}}, "{}: {} (and {} more of this kind)",
                               peer_.text, what, *held);
        }
    }

    asio::awaitable<bool> handshake() {
        if constexpr (is_tls<Stream>) {
            idle_ = false;
            watchdog_->within(limits().handshake_timeout);
            auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, as_values);
            if (error) {
                if (!closed_) {
                    ++core_->counters.handshake_failures;
                    note(Event::handshake, {}, fmt::format("TLS handshake failed: {}", error.message()));
                }
                co_return false;
            }
            tls_peer_ = std::make_shared<tls::Peer>(tls::shown_by(stream_.native_handle()));
        }
        co_return true;
    }

    // --- One request ---

    /// Reads and answers one request. False: the connection is at its end.
    asio::awaitable<bool> serve_one() {
        if (!co_await read_head()) co_return false;
        auto const bytes = view_of(buffer_).substr(0, head_size_);
        auto head = parse_head(bytes);
        buffer_.consume(head_size_);
        first_ = false;
        request_id_ = next_request_id();
        if (!head) co_return co_await refuse_head(head.error().status, head.error().reason);

        ++core_->counters.requests;
        framing_ = head->framing;
        auto request = std::move(head->request);
        request.id = request_id_;
        request.peer = peer_.text;
        request.process = peer_.process;
        request.tls = is_tls<Stream>;
        request.tls_peer = tls_peer_;
        request.connection_state = state_;

        Gate::Token token(core_->gate);
        auto refusal = admit(request, token);
        if (refusal) co_return co_await answer_refusal(*refusal);
        if (framing_.has_body()) {
            if (!co_await read_body(request.body, token)) co_return false;
        }
        auto const response = co_await call_handler(request);
        request.body = Bytes{};
        token.release();
        co_return co_await answer(request.method, response);
    }

    /// Reads until buffer_ begins with a whole head of head_size_ bytes. False: closed, or refused.
    asio::awaitable<bool> read_head() {
        std::size_t seen = 0;
        request_id_.clear();
        bool begun = skip_empty_lines();
        if (buffer_.size() == 0 && buffer_.capacity() > 2 * read_size) buffer_.shrink_to_fit();
        idle_ = !begun;
        if (idle_ && core_->draining) co_return false;
        // A connection that has never sent a request gets no more time than one that has begun to.
        watchdog_->within(begun || first_ ? limits().header_timeout : limits().idle_timeout);
        for (;;) {
            if (begun) {
                if (!may_begin_method(view_of(buffer_).front()))
                    co_return co_await refuse_head(400, "not an HTTP request");
                auto const end = find_head_end(view_of(buffer_), seen);
                seen = buffer_.size();
                if (end.value_or(seen) > limits().max_head)
                    co_return co_await refuse_head(431, "head of the request is too large");
                if (end) {
                    head_size_ = *end;
                    watchdog_->rest();
                    co_return true;
                }
            }
            if (!co_await read_more(read_size)) co_return false;
            if (!begun && skip_empty_lines()) {
                begun = true;
                idle_ = false;
                if (!first_) watchdog_->within(limits().header_timeout);
            }
        }
    }

    /// Some clients send an empty line behind a body. Whether anything else is there.
    bool skip_empty_lines() {
        while (view_of(buffer_).starts_with("\r\n")) buffer_.consume(2);
        return buffer_.size() > 0 && view_of(buffer_) != "\r";
    }

    asio::awaitable<bool> read_more(std::size_t size) {
        auto const room = buffer_.prepare(size);
        auto [error, count] = co_await stream_.async_read_some(room, as_values);
        buffer_.commit(count);
        co_return !error && !closed_;
    }

    // --- Admission: before the body is read ---

    struct Refused {
        Event event = Event::admission;
        std::string reason;
        Response response;
    };

    static Refused refused(Event event, unsigned status, std::string reason) {
        return {event, std::move(reason), Response{.status = status, .headers = {}, .body = {}}};
    }

    Refused overloaded() const {
        auto refusal = refused(Event::overload, 503, "too many bytes in flight");
        refusal.response.headers.emplace_back("Retry-After", std::to_string(limits().retry_after.count()));
        return refusal;
    }

    std::optional<Refused> admit(Request const& request, Gate::Token& token) {
        Head const head{request.method, request.path,           request.tls,
                        request.peer,   request.tls_peer.get(), request.process.has_value()};
        auto admission = core_->admit ? core_->admit(head) : Admission{.max_body = limits().max_in_flight};
        if (admission.refuse_status != 0) {
            auto reason = fmt::format("{} {} is refused with {}", request.method, request.path,
                                      admission.refuse_status);
            if (!admission.refuse_reason.empty()) reason += ": " + admission.refuse_reason;
            auto refusal = refused(Event::admission, admission.refuse_status, std::move(reason));
            refusal.response.headers = std::move(admission.refuse_headers);
            refusal.response.body = to_bytes(admission.refuse_body);
            return refusal;
        }
        max_body_ = admission.max_body;
        if (framing_.length > max_body_)
            return refused(Event::too_large, 413,
                           fmt::format("body of {} bytes, at most {} are taken", framing_.length, max_body_));
        if (!token.grow(framing_.length)) return overloaded();
        return std::nullopt;
    }

    /// Refuses a request whose end cannot be known: the connection ends.
    asio::awaitable<bool> refuse_head(unsigned status, std::string_view reason) {
        if (request_id_.empty()) request_id_ = next_request_id();
        framing_ = Framing{.keep_alive = false};
        unread_ = true;
        auto const event = status == 431 ? Event::too_large : Event::malformed;
        auto const refusal = refused(event, status, std::string(reason));
        co_return co_await answer_refusal(refusal);
    }

    asio::awaitable<bool> answer_refusal(Refused const& refusal) {
        count(refusal.event);
        note(refusal.event, request_id_, refusal.reason);
        unread_ = unread_ || framing_.has_body();
        co_return co_await answer({}, refusal.response);
    }

    void count(Event event) {
        switch (event) {
        case Event::too_large:
            ++core_->counters.too_large;
            break;
        case Event::overload:
            ++core_->counters.overload;
            break;
        case Event::malformed:
            ++core_->counters.malformed;
            break;
        default:
            break; // what the admission refuses is counted by who decided it
        }
    }

    // --- Body ---

    /// Whether the body was read whole. Otherwise the client is gone, or refused and the connection at its
    /// end.
    asio::awaitable<bool> read_body(Bytes& body, Gate::Token& token) {
        watchdog_->within(limits().body_timeout);
        if (framing_.expects_continue && !framing_.http_1_0 && buffer_.size() == 0) {
            auto [error, count] = co_await asio::async_write(stream_, asio::buffer(go_on), as_values);
            if (error) co_return false;
        }
        // Two statements, because g++ 12 miscompiles co_await inside a conditional expression.
        bool taken = false;
        if (framing_.chunked) {
            taken = co_await read_chunks(body, token);
        } else {
            taken = co_await read_length(body);
        }
        watchdog_->rest();
        co_return taken;
    }

    asio::awaitable<bool> read_length(Bytes& body) {
        auto const length = static_cast<std::size_t>(framing_.length);
        body.reserve(length);
        auto const first = asio::buffer(buffer_.data(), length);
        auto const* const begin = static_cast<std::byte const*>(first.data());
        body.assign(begin, begin + first.size());
        buffer_.consume(first.size());
        while (body.size() < length) {
            auto const had = body.size();
            body.resize(std::min(length, had + body_read_size));
            auto const room = asio::buffer(body.data() + had, body.size() - had);
            auto [error, count] = co_await stream_.async_read_some(room, as_values);
            body.resize(had + count);
            if (error || closed_) co_return false;
        }
        co_return true;
    }

    asio::awaitable<bool> read_chunks(Bytes& body, Gate::Token& token) {
        ChunkDecoder decoder;
        std::uint64_t total = 0;
        for (;;) {
            auto const step =
                decoder.feed({static_cast<std::byte const*>(buffer_.data().data()), buffer_.size()}, body);
            buffer_.consume(step.used);
            std::optional<Refused> refusal;
            switch (step.event) {
            case ChunkDecoder::Event::done:
                co_return true;
            case ChunkDecoder::Event::need_more:
                if (!co_await read_more(body_read_size)) co_return false;
                break;
            case ChunkDecoder::Event::bad:
                refusal = refused(Event::malformed, 400, "bad chunk");
                break;
            case ChunkDecoder::Event::chunk:
                total += decoder.chunk_size(); // 15 hex digits each and bounded below: cannot overflow
                if (total > max_body_) {
                    refusal = refused(
                        Event::too_large, 413,
                        fmt::format("chunked body of over {} bytes, which is all that is taken", max_body_));
                } else if (!token.grow(decoder.chunk_size())) {
                    refusal = overloaded();
                }
                break;
            }
            if (refusal) {
                // The client may linger over the refusal: not at the expense of others.
                body = Bytes{};
                token.release();
                co_await answer_refusal(*refusal);
                co_return false;
            }
        }
    }

    // --- Answer ---

    asio::awaitable<Response> call_handler(Request const& request) {
        Response response;
        if (core_->stopped) {
            response.status = 503;
            response.close = true;
            co_return response;
        }
        std::string fault;
        try {
            response = co_await core_->handler(request);
            if (response.status < 200 || response.status > 999) fault = "its answer has no final status";
        } catch (std::exception const& error) {
            fault = error.what();
        } catch (...) {
            fault = "unknown exception";
        }
        if (!fault.empty()) {
            core_->log.error({.request = request.id, .client = {}}, "{} {} failed: {}", request.method,
                             request.path, fault);
            response = Response{.status = 500, .headers = {}, .body = {}, .close = true};
        }
        co_return response;
    }

    /// Writes the answer. Whether the connection goes on.
    asio::awaitable<bool> answer(std::string_view method, Response const& response) {
        auto const keep =
            (framing_.keep_alive || response.keep_open) && !response.close && !unread_ && !core_->draining;
        write_answer_head(head_, response, {.close = !keep, .http_1_0 = framing_.http_1_0},
                          core_->clock.now());
        bool const body = method != "HEAD" && has_body(response.status);
        auto const written = co_await write(body ? BytesView(response.body) : BytesView{});
        watchdog_->rest();
        if (!written) co_return false;
        if (!keep) co_await finish();
        co_return keep;
    }

    /// Writes head_ and the body: one write unless the body is large.
    asio::awaitable<bool> write(BytesView body) {
        auto piece = body.first(std::min(body.size(), write_size));
        watchdog_->within(limits().idle_timeout);
        std::array<asio::const_buffer, 2> const both{asio::buffer(head_),
                                                     asio::buffer(piece.data(), piece.size())};
        auto [error, count] = co_await asio::async_write(stream_, both, as_values);
        for (body = body.subspan(piece.size()); !error && !body.empty(); body = body.subspan(piece.size())) {
            piece = body.first(std::min(body.size(), write_size));
            watchdog_->within(limits().idle_timeout);
            auto const buffer = asio::buffer(piece.data(), piece.size());
            std::tie(error, count) = co_await asio::async_write(stream_, buffer, as_values);
        }
        co_return !error && !closed_;
    }

    /// Says that nothing more comes, and waits for a client that may still be sending.
    asio::awaitable<void> finish() {
        lingering_ = true;
        watchdog_->within(std::min(linger_time, limits().idle_timeout));
        if constexpr (is_tls<Stream>) co_await stream_.async_shutdown(as_values);
        auto& transport = transport_of(stream_);
        if constexpr (!std::is_same_v<Stream, MemoryStream>) {
            error_code ignored;
            transport.shutdown(asio::socket_base::shutdown_send, ignored);
        }
        if (!unread_) co_return;
        std::array<std::byte, 4096> sink; // NOLINT(cppcoreguidelines-pro-type-member-init): only written to
        for (;;) {
            auto [error, count] = co_await transport.async_read_some(asio::buffer(sink), as_values);
            if (error || closed_) co_return;
        }
    }

    // Destroyed from below: the stream before its context, the place before the core that counts it.
    std::shared_ptr<asio::ssl::context> tls_context_;
    std::shared_ptr<Core> core_;
    Gate::Slot slot_;
    Stream stream_;
    std::shared_ptr<Watchdog> watchdog_;
    boost::beast::flat_buffer buffer_; ///< read, not yet used
    std::string head_;                 ///< of the answer; kept for its memory
    Peer peer_;
    std::shared_ptr<tls::Peer> tls_peer_;
    std::shared_ptr<std::any> state_;

    // Of the request under way.
    std::string request_id_;
    std::size_t head_size_ = 0;
    Framing framing_;
    std::uint64_t max_body_ = 0;
    bool unread_ = false; ///< bytes of the request were left: only the end of the connection can follow

    bool first_ = true;      ///< no request has been read yet
    bool idle_ = true;       ///< nothing of a request has come
    bool lingering_ = false; ///< the answer is out, the rest is courtesy
    bool closed_ = false;
};

} // namespace

std::string next_request_id() {
    static std::atomic<std::uint64_t> last{0};
    return fmt::format("r{:x}", ++last);
}

template <class Stream>
void start_connection(Stream stream, std::shared_ptr<Core> core, Gate::Slot slot, Peer peer,
                      std::shared_ptr<asio::ssl::context> tls_context) {
    std::make_shared<Connection<Stream>>(std::move(stream), std::move(core), std::move(slot), std::move(peer),
                                         std::move(tls_context))
        ->start();
}

template void start_connection(PlainStream, std::shared_ptr<Core>, Gate::Slot, Peer,
                               std::shared_ptr<asio::ssl::context>);
template void start_connection(TlsStream, std::shared_ptr<Core>, Gate::Slot, Peer,
                               std::shared_ptr<asio::ssl::context>);
template void start_connection(LocalStream, std::shared_ptr<Core>, Gate::Slot, Peer,
                               std::shared_ptr<asio::ssl::context>);
template void start_connection(MemoryStream, std::shared_ptr<Core>, Gate::Slot, Peer,
                               std::shared_ptr<asio::ssl::context>);

} // namespace pointman::http
