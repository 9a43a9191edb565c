// SPDX-License-Identifier: Apache-2.0
#include "schemas/validator.hpp"
#include "tests/support/document_text.hpp"
#include "tests/unit/schemas/samples.hpp"

#include <catch2/catch.hpp>

#include <thread>

namespace pointman {
namespace {

std::string verdict(std::string const& schema, BytesView bytes) {
    auto const result = schemas::validate(schema, bytes);
    if (!result) return describe(result.error());
    return test::text_of(*result);
}

TEST_CASE("eight threads come to the results of one") {
    struct Job {
        std::string schema;
        Bytes bytes;
        std::string expected;
    };
    std::vector<Job> jobs;
    for (auto const& sample : test::all_samples()) {
        auto bytes = test::read_bytes(sample.path);
        auto expected = verdict(sample.schema, bytes);
        jobs.push_back({sample.schema, std::move(bytes), std::move(expected)});
    }
    REQUIRE(jobs.size() > 200);

    constexpr std::size_t thread_count = 8;
    std::vector<std::size_t> differences(thread_count, 0);
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < thread_count; ++t) {
            threads.emplace_back([&jobs, &different = differences[t], t] {
                // Each starts elsewhere, so that different schemas are in use at one time.
                for (std::size_t i = 0; i < jobs.size(); ++i) {
                    auto const& job = jobs[(i + t * jobs.size() / thread_count) % jobs.size()];
                    if (verdict(job.schema, job.bytes) != job.expected) ++different;
                }
            });
        }
    }
    CHECK(differences == std::vector<std::size_t>(thread_count, 0));
}

} // namespace
} // namespace pointman
