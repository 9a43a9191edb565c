// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "db/clients.hpp"
#include "db/media.hpp"
#include "db/store.hpp"
#include "schemas/document.hpp"
#include "server/wire/message.hpp"

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pointman::endpoints {

namespace policy {
class Books;
class Signatures;
} // namespace policy

/// How clients call an endpoint: post has no reply, invoke has one in the same HTTP exchange.
enum class Delivery { post, invoke };

/// Where the document of a message stands: in the body, or in whichever range of body and attachments holds
/// the filled report (wire.md 3.2).
enum class Carrier { body, report };

/// What must be proven about the sender before the endpoint sees a message.
enum class Proof {
    none,      ///< nothing; a signature that is there is verified
    signature, ///< a clientauth signature by the registered key of SourceID
    own,       ///< the endpoint's document carries its own proof
};

struct EndpointInfo {
    std::string_view name; ///< as in TargetEndpoint; compared without case
    Delivery delivery = Delivery::post;
    Carrier carrier = Carrier::body;
    Proof mixed = Proof::none;  ///< demanded in mixed mode when security.require_signature = "endpoint"
    Proof native = Proof::none; ///< the same in native mode, besides the TLS certificate
    bool takes_token = false;   ///< a client token is proof enough, as boot media send it
    std::string_view log;       ///< name of the log without ".log"
};

/// A message at the door of an endpoint: decoded, its sender authenticated as far as demanded.
struct Incoming {
    wire::Message const& message;
    BytesView source;                 ///< the range of the payload that the document was read from
    std::optional<db::Client> sender; ///< the registered client that SourceID names
    bool signature_verified = false;
    std::string integrated_account; ///< DOMAIN\HOST$ that the connection proved; "" = none
    std::string peer;               ///< address
    TimePoint received;
    std::optional<db::Medium> medium{}; ///< the boot medium that asks for a computer without registration
    BytesView certificate{}; ///< DER of the TLS client certificate, where it is trusted; empty = none
};

/// Something that happened to a message and that its log should tell.
struct Note {
    enum class Kind { info, warning };
    Kind kind = Kind::info;
    std::string text;
};

/// What an endpoint answers. An empty xml is the empty answer.
struct Reply {
    std::string xml; ///< UTF-8 without declaration
    std::vector<Note> notes;
    std::string client{}; ///< SMSID that the sender has from now on, where the message's header names none
    /// The message is refused after all, with a quarantine entry; what was written stays, such as the request
    /// of another report.
    std::optional<Error> refusal{};
    /// The message is accepted, but for a part that could not be used: that gets a quarantine entry too.
    std::optional<Error> unusable_part{};
};

/// Whether a certificate (DER) is one that clients may identify themselves by, now. Fails with malformed or
/// bad_signature.
using Trusts = std::function<Result<void>(BytesView certificate)>;

/// What every endpoint may know of the site.
struct Site {
    config::Settings const& settings;
    Clock const& clock;
    Trusts trusts{}; ///< always there in native mode
    std::shared_ptr<policy::Books>
        books{}; ///< shared with the pages of policy bodies; null = the endpoint's own
    /// Who signs assignments now; none in mixed mode.
    std::function<std::shared_ptr<policy::Signatures>()> signatures{};
};

// clang-format off
/// A message endpoint: data in, data out. `handle` takes a Transaction where it writes, a Session where it only
/// reads. `stage` may be left out; it makes files durable that the transaction will name. It may block, and it
/// does not mean that the transaction will come. `refusal_reply` may be left out: then a refused message gets
/// the empty answer.
///
///   static constexpr EndpointInfo info;
///   explicit E(Site const&);
///   Result<std::string_view> schema(wire::Message const&, std::string_view root) const;  // name of the .xsd
///   Result<Message> parse(Incoming const&, schemas::Document const&) const;
///   Result<void> stage(Message const&) const;
///   Result<Reply> handle(Message const&, db::Transaction&) const;
///   std::string refusal_reply(schemas::Document const*, Error const&) const;
// clang-format on
template <class E>
concept MessageEndpoint = requires(E const& endpoint, Incoming const& incoming,
                                   schemas::Document const& document, typename E::Message const& message,
                                   db::Transaction& transaction) {
    { E::info } -> std::convertible_to<EndpointInfo>;
    { endpoint.schema(incoming.message, std::string_view{}) } -> std::same_as<Result<std::string_view>>;
    { endpoint.parse(incoming, document) } -> std::same_as<Result<typename E::Message>>;
    { endpoint.handle(message, transaction) } -> std::same_as<Result<Reply>>;
};

/// What is left to do for a parsed message.
using ReadWork = std::move_only_function<Result<Reply>(db::Session&)>;
struct WriteWork {
    std::move_only_function<Result<Reply>(db::Transaction&)> handle;
    std::move_only_function<Result<void>()> stage{}; ///< comes first, and may block; empty = nothing to do
};
using Work = std::variant<ReadWork, WriteWork>;

/// One row of the directory: an endpoint behind one face.
class Endpoint {
public:
    virtual ~Endpoint() = default;
    Endpoint() = default;
    Endpoint(Endpoint const&) = delete;
    Endpoint& operator=(Endpoint const&) = delete;

    virtual EndpointInfo const& info() const = 0;
    /// Bytes of the decoded payload that are looked at; over it, exceed_size_limit.
    virtual std::uint64_t max_size() const = 0;
    virtual Result<std::string_view> schema(wire::Message const& message, std::string_view root) const = 0;
    virtual Result<Work> prepare(Incoming const& incoming, schemas::Document const& document) const = 0;
    /// Reply to a message that was refused or could not be stored; "" = the empty answer. `document` is null
    /// where validation failed.
    virtual std::string refusal_reply(schemas::Document const* document, Error const& error) const = 0;
};

namespace detail {

template <MessageEndpoint E>
class EndpointRow final : public Endpoint {
public:
    EndpointRow(Site const& site, std::uint64_t max_size)
        : endpoint_(std::make_shared<E const>(site))
        , max_size_(max_size) {}

    EndpointInfo const& info() const override { return E::info; }
    std::uint64_t max_size() const override { return max_size_; }

    Result<std::string_view> schema(wire::Message const& message, std::string_view root) const override {
        return endpoint_->schema(message, root);
    }

    Result<Work> prepare(Incoming const& incoming, schemas::Document const& document) const override {
        auto message = endpoint_->parse(incoming, document);
        if (!message) return std::unexpected(std::move(message.error()));
        constexpr bool reads_only =
            requires(E const& endpoint, typename E::Message const& m, db::Session& session) {
            endpoint.handle(m, session);
        };
        static_assert(!reads_only || E::info.delivery == Delivery::invoke, "who only posts is told nothing");
        if constexpr (reads_only) {
            return ReadWork([endpoint = endpoint_, message = std::move(*message)](db::Session& session) {
                return endpoint->handle(message, session);
            });
        } else {
            auto const shared = std::make_shared<typename E::Message const>(std::move(*message));
            WriteWork work{[endpoint = endpoint_, shared](db::Transaction& transaction) {
                return endpoint->handle(*shared, transaction);
            }};
            if constexpr (requires { endpoint_->stage(*shared); })
                work.stage = [endpoint = endpoint_, shared] { return endpoint->stage(*shared); };
            return work;
        }
    }

    std::string refusal_reply(schemas::Document const* document, Error const& error) const override {
        if constexpr (requires { endpoint_->refusal_reply(document, error); }) {
            return endpoint_->refusal_reply(document, error);
        } else {
            return {};
        }
    }

private:
    std::shared_ptr<E const> endpoint_;
    std::uint64_t max_size_;
};

} // namespace detail

} // namespace pointman::endpoints
