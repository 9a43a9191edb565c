// SPDX-License-Identifier: Apache-2.0
#include "client/agent/readable.hpp"

#include <catch2/catch.hpp>

using namespace pointman::client::agent;

TEST_CASE("documents for people") {
    CHECK(readable_xml("<a b=\"1\"><c/><d> x &amp; y </d></a>") ==
          "<a b=\"1\">\n  <c/>\n  <d>x &amp; y</d>\n</a>\n");
    CHECK(readable_xml("<a>") == "(3 bytes that are no XML)\n");
    CHECK(readable_xml("") == "(0 bytes that are no XML)\n");
}

TEST_CASE("secrets, keys and signatures are told by their lengths") {
    CHECK(readable_xml(R"(<i><property name="P" secret="1"><value>89130000</value></property>)"
                       R"(<property name="Q" secret="0"><value>open</value></property></i>)") ==
          "<i>\n  <property name=\"P\" secret=\"1\">\n    <value>(secret, 8 characters)</value>\n  "
          "</property>\n"
          "  <property name=\"Q\" secret=\"0\">\n    <value>open</value>\n  </property>\n</i>\n");
    std::string const digits(65, 'A');
    CHECK(readable_xml("<a v=\"" + digits + "\">" + digits + "</a>") ==
          "<a v=\"AAAAAAAAAAAAAAAA... (65 digits)\">AAAAAAAAAAAAAAAA... (65 digits)</a>\n");
    CHECK(shortened(std::string(64, 'A')) == std::string(64, 'A'));
    CHECK(shortened(std::string(65, 'X')) == std::string(65, 'X'));
}
