// SPDX-License-Identifier: Apache-2.0
#include "schemas/validator.hpp"
#include "tests/unit/schemas/encode.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

std::atomic<std::size_t> in_use{0};
std::atomic<std::size_t> peak{0};

void count_in(void* block) {
    auto const now = in_use += malloc_usable_size(block);
    auto seen = peak.load();
    while (now > seen && !peak.compare_exchange_weak(seen, now)) {
    }
}

} // namespace

// Xerces and the standard containers both allocate through these.
void* operator new(std::size_t size) {
    void* const block = std::malloc(size);
    if (block == nullptr) throw std::bad_alloc();
    count_in(block);
    return block;
}

void operator delete(void* block) noexcept {
    if (block == nullptr) return;
    in_use -= malloc_usable_size(block);
    std::free(block);
}

// All forms, so that none is left to a run-time library that pairs them up on its own.
void* operator new[](std::size_t size) {
    return operator new(size);
}
void* operator new(std::size_t size, std::nothrow_t const& /*tag*/) noexcept {
    void* const block = std::malloc(size);
    if (block != nullptr) count_in(block);
    return block;
}
void* operator new[](std::size_t size, std::nothrow_t const& tag) noexcept {
    return operator new(size, tag);
}
void operator delete(void* block, std::size_t /*size*/) noexcept {
    operator delete(block);
}
void operator delete[](void* block) noexcept {
    operator delete(block);
}
void operator delete[](void* block, std::size_t /*size*/) noexcept {
    operator delete(block);
}
void operator delete(void* block, std::nothrow_t const& /*tag*/) noexcept {
    operator delete(block);
}
void operator delete[](void* block, std::nothrow_t const& /*tag*/) noexcept {
    operator delete(block);
}

namespace pointman {
namespace {

std::string header() {
    return "<Report><ReportHeader><Identification><Machine><ClientID>GUID:1</ClientID></Machine></"
           "Identification>"
           "<ReportDetails><ReportContent>Inventory Data</ReportContent></ReportDetails><InventoryAction>"
           "<InventoryActionID>{00000000-0000-0000-0000-000000000001}</InventoryActionID></InventoryAction>"
           "</ReportHeader><ReportBody>";
}

std::string hardware_report(std::size_t characters) {
    std::string text = header();
    for (std::size_t i = 0; text.size() < characters; ++i) {
        auto const n = std::to_string(i);
        text += "<Instance ParentClass=\"Win32_Service\" Class=\"Win32_Service\" "
                "Namespace=\"\\\\WS\\root\\cimv2\" "
                "Content=\"New\"><Win32_Service><Name>Service" +
                n + "</Name><DisplayName>Display name of service " + n +
                "</DisplayName><PathName>C:\\Windows\\system32\\svchost.exe -k group" + n +
                "</PathName><StartMode>Auto</StartMode><State>Running</State></Win32_Service></Instance>";
    }
    return text + "</ReportBody></Report>";
}

TEST_CASE(
    "a report of 5 MB costs well under four times its size while it is read, and less than itself after") {
    auto const bytes = test::utf16_le(test::widen(hardware_report(2'500'000)));
    REQUIRE(bytes.size() >= 5'000'000);
    schemas::load_embedded_schemas();
    auto const before = in_use.load();
    peak = before;
    auto const document = schemas::validate("hardware_inventory_report.xsd", as_bytes(bytes));
    REQUIRE(document.has_value());
    auto const cost = peak.load() - before;
    INFO("input " << bytes.size() << ", peak " << cost << ", document " << document->memory_bytes());
    CHECK(cost < 3 * bytes.size());
    CHECK(document->memory_bytes() < bytes.size());
    CHECK(document->element_count() > 30'000);
}

TEST_CASE("nothing is left behind by documents, whatever names and namespaces they bring") {
    auto const strange = [](int i) {
        auto const n = std::to_string(i);
        return "<UploadRequest><MessageID/><x:a" + n + " xmlns:x=\"urn:" + n + "\" b" + n +
               "=\"\"/></UploadRequest>";
    };
    auto const run = [&](int from, int to) {
        for (int i = from; i < to; ++i) {
            auto const text = strange(i);
            REQUIRE(schemas::parse(as_bytes(text)).has_value());
            REQUIRE(schemas::validate("upload_request.xsd", as_bytes(text)).has_value());
        }
    };
    run(0, 100);
    auto const before = in_use.load();
    run(100, 1100);
    auto const after = in_use.load();
    INFO("before " << before << ", after " << after);
    CHECK(after < before + 10'000);
}

} // namespace
} // namespace pointman
