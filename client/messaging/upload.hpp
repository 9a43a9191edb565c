// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/messaging/outgoing.hpp"

#include <functional>

namespace pointman::client {

/// Uploads the payload of one message by BITS (wire.md 10): asks for a place, and sends it there in
/// fragments. What a lost connection or a restarted server interrupts goes on where the server says.
class Uploader {
public:
    using Send = std::function<Result<HttpReply>(Route const&, HttpRequest const&)>;

    Uploader(Send send, Target target)
        : send_(std::move(send))
        , target_(std::move(target)) {}

    enum class Outcome {
        uploaded,    ///< the message may be sent that names the payload
        not_offered, ///< the server takes no uploads at all
    };
    Result<Outcome> upload(std::string const& message_id, BytesView payload);

private:
    struct Packet {
        std::string_view type;
        HttpHeaders headers{};
        BytesView content{};
    };

    /// "" = there is none.
    Result<std::string> ask_for_place(std::string const& message_id);
    Result<HttpReply> packet(Packet packet);
    Result<void> ping();
    Result<void> begin_session();
    Result<void> send_fragments();
    Result<void> next_fragment();
    Result<void> fragment_failed(HttpReply const& reply);
    Result<void> take_acknowledged(HttpReply const& reply);
    Result<void> end_session();

    Send send_;
    Target target_;
    std::string place_; ///< path that uploads go to
    std::string session_;
    std::string message_id_;
    BytesView payload_;
    std::size_t acknowledged_ = 0;
    std::size_t fragment_size_ = 0;
};

} // namespace pointman::client
