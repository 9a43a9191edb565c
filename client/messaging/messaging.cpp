// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"
#include "base/text.hpp"
#include "client/messaging/courier.hpp"
#include "client/messaging/delivery.hpp"
#include "client/messaging/reply.hpp"
#include "client/messaging/schema_check.hpp"
#include "client/transport/failure.hpp"

#include <array>
#include <condition_variable>
#include <pointman/messaging.hpp>
#include <thread>
#include <unistd.h>

namespace pointman::client {

namespace {

/// Another process may have put something into the queue: how often that is looked for.
constexpr std::chrono::milliseconds longest_rest{5'000};
/// Another process may be delivering what is due here.
constexpr std::chrono::milliseconds shortest_rest{100};

std::string own_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "LOCALHOST";
    constexpr std::size_t longest_netbios_name = 15;
    std::string_view const host(name.data());
    return to_upper(host.substr(0, std::min(host.find('.'), longest_netbios_name)));
}

MessagingOptions completed(MessagingOptions options) {
    if (options.source_host.empty()) options.source_host = own_name();
    if (!options.now) options.now = [] { return SystemClock().now(); };
    return options;
}

/// Delivers until it is told to stop.
class Background {
public:
    explicit Background(std::shared_ptr<Courier> courier, Now now)
        : courier_(std::move(courier))
        , now_(std::move(now))
        , thread_([this](std::stop_token const& stop) { run(stop); }) {}

    void wake() {
        {
            std::scoped_lock const lock(guard_);
            posted_ = true;
        }
        changed_.notify_one();
    }

private:
    void run(std::stop_token const& stop) {
        while (!stop.stop_requested()) {
            // What failed is tried again, and so is a queue whose disk fails.
            auto const passed = courier_->pass(false, false);
            std::unique_lock lock(guard_);
            changed_.wait_for(lock, stop, passed ? rest() : longest_rest, [this] { return posted_; });
            posted_ = false;
        }
    }

    std::chrono::milliseconds rest() const {
        auto const due = courier_->next_retry();
        if (!due) return longest_rest;
        return std::clamp(*due - now_(), shortest_rest, longest_rest);
    }

    std::shared_ptr<Courier> courier_;
    Now now_;
    std::mutex guard_;
    std::condition_variable_any changed_;
    bool posted_ = false;
    std::jthread thread_; ///< last: it uses the others
};

/// Of a request line: nothing that would end it.
bool is_request_target(std::string_view text) {
    return text.starts_with('/') && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

std::unexpected<Error> no_queue() {
    return fail(Code::invalid_argument, "there is no queue: MessagingOptions::queue names its directory");
}

} // namespace

struct Messaging::Impl {
    explicit Impl(MessagingOptions from)
        : options(std::move(from))
        , stopping(std::make_shared<std::atomic<bool>>(false))
        , deliverer({.deadlines = options.deadlines,
                     .max_reply = options.max_reply,
                     .now = options.now,
                     .stopping = stopping},
                    options.upload_threshold, options.observe) {}
    Impl(Impl const&) = delete;
    Impl& operator=(Impl const&) = delete;
    ~Impl() { *stopping = true; }

    Origin origin() const { return {.host = options.source_host, .now = options.now()}; }

    Result<Outgoing> outgoing(std::string_view host, Message::Impl const& message, ReplyMode mode) const {
        if (options.check_schema) {
            if (auto const valid = check_schema(message); !valid) return std::unexpected(valid.error());
        }
        return prepare(host, message, origin(), mode);
    }

    Result<void> open_queue() {
        auto queue = Queue::open(options.queue);
        if (!queue) return std::unexpected(queue.error());
        auto const deliver = [this](Outgoing const& outgoing) -> Result<void> {
            auto const reply = deliverer.deliver(outgoing);
            if (!reply) return std::unexpected(reply.error());
            return {};
        };
        courier = std::make_shared<Courier>(std::move(*queue), options.now, options.retry_after, deliver);
        if (options.deliver_in_background) background = std::make_unique<Background>(courier, options.now);
        return {};
    }

    MessagingOptions options;
    std::shared_ptr<std::atomic<bool>> stopping;
    Deliverer deliverer;
    std::shared_ptr<Courier> courier; ///< null without a queue
    std::unique_ptr<Background> background;
};

Messaging::Messaging(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
Messaging::Messaging(Messaging&&) noexcept = default;
Messaging& Messaging::operator=(Messaging&&) noexcept = default;
Messaging::~Messaging() = default;

Result<Messaging> Messaging::open(MessagingOptions options) {
    auto impl = std::make_unique<Impl>(completed(std::move(options)));
    if (!impl->options.queue.empty()) {
        if (auto const opened = impl->open_queue(); !opened) return std::unexpected(opened.error());
    }
    return Messaging(std::move(impl));
}

Result<Message> Messaging::invoke(std::string_view host, Message const& message) {
    auto const outgoing = impl_->outgoing(host, message.impl(), ReplyMode::sync);
    if (!outgoing) return std::unexpected(outgoing.error());
    auto const reply = impl_->deliverer.deliver(*outgoing);
    if (!reply) return std::unexpected(reply.error());
    return read_reply(*reply, message.impl().server_signers, impl_->options.max_reply);
}

Result<std::string> Messaging::post(std::string_view host, Message const& message) {
    if (!impl_->courier) return no_queue();
    auto const outgoing = impl_->outgoing(host, message.impl(), ReplyMode::async);
    if (!outgoing) return std::unexpected(outgoing.error());
    QueueEntry entry{.tracking_id = outgoing->request.header.id,
                     .host = std::string(host),
                     .endpoint = message.target_endpoint(),
                     .posted = now(),
                     .expires = {}};
    if (message.timeout() > std::chrono::seconds{0}) entry.expires = entry.posted + message.timeout();
    if (auto const added = impl_->courier->queue().add(entry, *outgoing); !added)
        return std::unexpected(added.error());
    if (impl_->background) impl_->background->wake();
    return entry.tracking_id;
}

Result<Delivery> Messaging::flush(bool all) {
    if (!impl_->courier) return no_queue();
    return impl_->courier->pass(all, true);
}

Result<std::vector<QueuedMessage>> Messaging::queued() const {
    if (!impl_->courier) return no_queue();
    auto const& queue = impl_->courier->queue();
    auto const names = queue.names();
    if (!names) return std::unexpected(names.error());
    std::vector<QueuedMessage> messages;
    for (auto const& name : *names) {
        auto entry = queue.entry(name);
        if (!entry) continue; // delivered meanwhile, or damaged, which a delivery finds out and puts aside
        messages.push_back({.tracking_id = std::move(entry->tracking_id),
                            .host = std::move(entry->host),
                            .endpoint = std::move(entry->endpoint),
                            .posted = entry->posted,
                            .expires = entry->expires});
    }
    return messages;
}

Result<std::vector<QueuedMessage>> Messaging::refused() const {
    if (!impl_->courier) return no_queue();
    return impl_->courier->queue().refused();
}

Result<Bytes> Messaging::get(std::string_view host, std::string_view target, Message const& settings,
                             HttpHeaders const& headers) {
    if (!is_request_target(target))
        return fail(Code::invalid_argument, fmt::format("'{}' is no path of a page", target));
    auto const to = target_of(host, settings.impl());
    if (!to) return std::unexpected(to.error());
    auto const reply = impl_->deliverer.get(to->route, std::string(target), headers);
    if (!reply) return std::unexpected(reply.error());
    return to_bytes(reply->body);
}

Time Messaging::now() const {
    return impl_->options.now();
}
std::string const& Messaging::source_host() const {
    return impl_->options.source_host;
}

} // namespace pointman::client
