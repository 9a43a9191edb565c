// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace pointman::http {

/// A stream that reads from memory and writes to memory: a connection without a socket, for the fuzzer and
/// for measuring.
class MemoryStream {
public:
    using executor_type = boost::asio::any_io_executor;

    struct State {
        Bytes input;           ///< what the client sends, then the end of the stream
        std::size_t piece = 0; ///< bytes that one read returns at most; 0 = as many as fit
        std::string output;    ///< what the client gets
        bool closed = false;
    };

    MemoryStream(executor_type executor, std::shared_ptr<State> state)
        : executor_(std::move(executor))
        , state_(std::move(state)) {}

    executor_type get_executor() const { return executor_; }
    void close() { state_->closed = true; }

    template <class Buffers, class Token>
    auto async_read_some(Buffers const& buffers, Token&& token) {
        return start(std::forward<Token>(token), [buffers](Self& self) { return self.read(buffers); });
    }
    template <class Buffers, class Token>
    auto async_write_some(Buffers const& buffers, Token&& token) {
        return start(std::forward<Token>(token), [buffers](Self& self) { return self.write(buffers); });
    }

private:
    using Error = boost::system::error_code;
    using Done = std::pair<Error, std::size_t>;
    using Self = MemoryStream;

    template <class Token, class Work>
    auto start(Token&& token, Work work) {
        return boost::asio::async_initiate<Token, void(Error, std::size_t)>(
            [this, work](auto handler) {
                auto const done = work(*this);
                boost::asio::post(executor_, [handler = std::move(handler), done]() mutable {
                    std::move(handler)(done.first, done.second);
                });
            },
            token);
    }

    template <class Buffers>
    Done read(Buffers const& buffers) {
        if (state_->closed) return {boost::asio::error::operation_aborted, 0};
        if (position_ == state_->input.size()) return {boost::asio::error::eof, 0};
        auto count = state_->input.size() - position_;
        if (state_->piece != 0) count = std::min(count, state_->piece);
        count =
            boost::asio::buffer_copy(buffers, boost::asio::buffer(state_->input.data() + position_, count));
        position_ += count;
        return {Error{}, count};
    }

    template <class Buffers>
    Done write(Buffers const& buffers) {
        if (state_->closed) return {boost::asio::error::operation_aborted, 0};
        auto const size = boost::asio::buffer_size(buffers);
        auto const before = state_->output.size();
        state_->output.resize(before + size);
        boost::asio::buffer_copy(boost::asio::buffer(state_->output.data() + before, size), buffers);
        return {Error{}, size};
    }

    executor_type executor_;
    std::shared_ptr<State> state_;
    std::size_t position_ = 0;
};

} // namespace pointman::http
