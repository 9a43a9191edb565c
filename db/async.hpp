// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/store.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace pointman::db {

/// Runs `work(Transaction&) -> Result<T>` on the writer thread; the coroutine resumes on its own executor
/// after the commit is durable. When the closure returns an error, what it wrote is rolled back and the error
/// comes back; when the commit fails, that error does.
/// Give a named closure (`std::move(work)`): g++ 12 destroys temporaries of an awaited expression twice.
template <class F>
auto write(Store& store, F work, Runs runs = Runs::once)
    -> boost::asio::awaitable<std::invoke_result_t<F, Transaction&>> {
    using R = std::invoke_result_t<F, Transaction&>;
    auto result = std::make_shared<std::optional<R>>();
    // Named, because g++ 12 destroys a closure twice that is a temporary inside an awaited expression.
    auto initiate = [&store, work = std::move(work), runs, result](auto handler) mutable {
        // The executor is kept busy until the writer answers, or a stopping context would leave the
        // coroutine behind.
        auto executor = boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                            boost::asio::execution::outstanding_work_t::tracked);
        store.enqueue(
            [work = std::move(work), result](Transaction& transaction) mutable {
                result->emplace(work(transaction));
                return (*result)->has_value();
            },
            [executor = std::move(executor),
             handler = std::move(handler)](std::optional<Error> failure) mutable {
                boost::asio::post(executor,
                                  [handler = std::move(handler), failure = std::move(failure)]() mutable {
                                      std::move(handler)(std::move(failure));
                                  });
            },
            runs);
    };
    auto error = co_await boost::asio::async_initiate<boost::asio::use_awaitable_t<> const,
                                                      void(std::optional<Error>)>(std::move(initiate),
                                                                                  boost::asio::use_awaitable);
    if (error) co_return std::unexpected(std::move(*error));
    co_return std::move(**result);
}

} // namespace pointman::db
