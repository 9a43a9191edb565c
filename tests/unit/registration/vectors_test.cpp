// SPDX-License-Identifier: Apache-2.0
// The two test vectors of registration.md 5, which two other implementations agree on.
#include "base/hex.hpp"
#include "server/wire/utf16.hpp"
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>
#include <openssl/evp.h>

#include <array>

using namespace pointman;
using namespace pointman::test;

namespace {

constexpr std::string_view certificate =
    "308201923081FCA00302010202021001300D06092A864886F70D01010B0500300E310C300A06035504030C035456313020170D30"
    "3730313031303030"
    "3030305A180F32303537303130313030303030305A300E310C300A06035504030C0354563130819F300D06092A864886F70D0101"
    "01050003818D0030"
    "818902818100CBEF4F0D644356AD168D761CC8F15900F45632C6F1243ECB904FC56A97686DE589B7C62297D6E091EA4DDA2E7BCA"
    "5377D54AE072B705"
    "6297EBD26DB8679F3453A03317D43888D487195FC279124D01A527CDC1D0DE7390906BC6D204C9DC9A822F5443CB433FD93CC2ED"
    "F739342EBC12D73E"
    "A1A2BFD0E50E20A14001F659FE0D0203010001300D06092A864886F70D01010B050003818100477F3076BEDBF0018B5DD71FD7F0"
    "3530566E98A3680A"
    "59F6DD2B1D10796F59B0064CEC1A6EE83F95ECDE7F1C46226D3C2196940BE1A2918A9D8972041B80B05DD7C755260FBF930F00A9"
    "47B4E244105D9A22"
    "3BFEE2F1440E7F7D4A10EEBCCC806E4CD9A8EC513E343EDA62A59E7B59312E7EFDEFB4DFA067397432DD229BF4CA";

std::string data(std::string_view hash_attribute) {
    return "<Data " + std::string(hash_attribute) +
           R"(RequestType="Registration" TimeStamp="2007-06-01T12:00:00Z" SMSID="">)"
           R"(<AgentInformation AgentType="0" AgentVersion="4.00.6487.2000" AgentIdentity="example.exe"/>)"
           R"(<Certificates><Signing Encoding="HexBinary">)" +
           std::string(certificate) +
           R"(</Signing></Certificates><DiscoveryProperties><Property Name="Netbios Name" Value="KIOSK07"/>)"
           R"(<Property Name="FQ Name" Value="kiosk07.branch.example"/>)"
           R"(<Property Name="InternetFlag" Value="0"/></DiscoveryProperties></Data>)";
}

struct Vector {
    char const* name;
    std::string data;
    std::size_t length;
    std::string_view hash;
    EVP_MD const* algorithm;
    std::string_view signature;
    char const* approval; ///< ApprovalStatus in the reply: absent for the 2007 generation
};

std::array<Vector, 2> vectors() {
    return {{{"A, 2007: SHA-1", data(""), 2484, "1DB0B3E60091C98C28CFB79785D3F63D25C041AC", EVP_sha1(),
              "E5403CA37FE74A390AF5C11BF1B2387B4527D3E760F5C6B6D70FD3052B78001951A6A01ECA7C2D00280AF1EE016B6C"
              "BE64E0EC63"
              "958466A61F3EB1140C95B4AF4345A9EFF8C1C66AAF82C01657AC3C0698C35091BB67FFF3A787C45A2652715692B5AD"
              "B37849219B"
              "604CF55194355C1C272C84C9A6A780D2A96F673CE4D6B502",
              ""},
             {"B, later: SHA-256", data(R"(HashAlgorithm="1.2.840.113549.1.1.11" )"), 2560,
              "E3884D071E811895BBF16F975F534A70CAA63CE45884E689B902A7B85FF1E146", EVP_sha256(),
              "E67163EF18361B2A231461525547E57950FCB7C6C9AC90DD2F948A3D85FC6C48E61747CE32B43EEF92C16E85737699"
              "C989A2B126"
              "FB44E2DC0B381B65D28954558D84C2850FBF4915C6761D6359317974B4BC7619E3F9E4FEF7DEBBE02252DD4EC36017"
              "8B4D7E0F66"
              "9D691AA8CF22F6EA02B6ABEFC4348F1C1B7C8E6E35445E42",
              "0"}}};
}

std::string digest_hex(BytesView bytes, EVP_MD const* algorithm) {
    std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &length,
               algorithm, nullptr);
    return to_hex(BytesView(digest).first(length));
}

std::string reversed_hex(std::string_view hex) {
    auto bytes = from_hex(hex).value();
    std::ranges::reverse(bytes);
    return to_hex(bytes);
}

} // namespace

TEST_CASE("test vectors of the registration page") {
    for (auto const& vector : vectors()) {
        DYNAMIC_SECTION(vector.name) {
            auto const signed_bytes = wire::to_utf16le(vector.data);
            CHECK(signed_bytes.size() == vector.length);
            CHECK(digest_hex(signed_bytes, vector.algorithm) == vector.hash);

            Desk desk;
            auto const answer = desk.submit(request_around(vector.data, vector.signature));
            CHECK(answer.status == 0);
            CHECK(answer.type == "Registration");
            CHECK(answer.time == "2026-11-23T00:00:00Z");
            CHECK(answer.approval == vector.approval);
            auto const client = desk.client(answer.smsid);
            REQUIRE(client);
            CHECK(client->name == "KIOSK07");
            CHECK(client->fqdn == "kiosk07.branch.example");
            CHECK(client->agent_identity == "example.exe");
            CHECK(client->agent_version == "4.00.6487.2000");
            CHECK(to_hex(client->signing_certificate) == certificate);
            CHECK(client->encryption_certificate.empty());
            CHECK(client->first_seen == desk_time);
        }
        DYNAMIC_SECTION(vector.name << ", lower-case hex") {
            Desk desk;
            std::string lower(vector.signature);
            for (auto& c : lower) c = static_cast<char>(c >= 'A' ? c - 'A' + 'a' : c);
            CHECK(desk.submit(request_around(vector.data, lower)).status == 0);
        }
        DYNAMIC_SECTION(vector.name << ", most significant byte first") {
            Desk desk;
            CHECK(desk.submit(request_around(vector.data, reversed_hex(vector.signature))).status == 3);
        }
        DYNAMIC_SECTION(vector.name << ", every bit of the signature counts") {
            Desk desk;
            auto const signature = from_hex(vector.signature).value();
            for (std::size_t bit = 0; bit < signature.size() * 8; bit += 7) {
                auto changed = signature;
                changed[bit / 8] ^= std::byte{1} << (bit % 8);
                auto const answer = desk.submit(request_around(vector.data, to_hex(changed)));
                INFO("bit " << bit);
                CHECK(answer.status == 3);
                CHECK(answer.error->code == Code::bad_signature);
                CHECK(answer.smsid.empty());
            }
            CHECK(desk.clients().empty());
        }
    }
}

TEST_CASE("what is signed cannot be changed") {
    struct Row {
        char const* name;
        std::string_view from;
        std::string_view to;
    };
    auto const row = GENERATE(values<Row>({
        {"another name", "KIOSK07", "KIOSK08"},
        {"another agent type", "AgentType=\"0\"", "AgentType=\"4\""},
        {"another time", "2007-06-01", "2008-06-01"},
        {"a space more", "<Certificates>", "<Certificates >"},
        {"a line break more", "<Certificates>", "\n<Certificates>"},
        {"an empty element written out", "InternetFlag\" Value=\"0\"/>",
         "InternetFlag\" Value=\"0\"></Property>"},
        {"a claimed SMSID", "SMSID=\"\"", "SMSID=\"GUID:00000000-0000-0000-0000-000000000001\""},
    }));
    Desk desk;
    auto const vector = vectors()[0];
    auto changed = vector.data;
    auto const at = changed.find(row.from);
    REQUIRE(at != std::string::npos);
    changed.replace(at, row.from.size(), row.to);
    INFO(row.name);
    auto const answer = desk.submit(request_around(changed, vector.signature));
    CHECK(answer.status == 3);
    REQUIRE(answer.error);
    CHECK(answer.error->code == Code::bad_signature);
}
