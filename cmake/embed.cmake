# SPDX-License-Identifier: Apache-2.0
# Writes OUT.hpp and OUT.cpp with the bytes of FILES. Run with cmake -P.
file(WRITE ${OUT}.hpp "// Made by cmake/embed.cmake.
#pragma once
#include <span>
#include <string_view>
namespace ${NAMESPACE} {
struct EmbeddedFile { std::string_view name; std::string_view content; };
std::span<EmbeddedFile const> embedded_files();
}
")
set(arrays "")
set(rows "")
set(index 0)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
  string(LENGTH "${hex}" hex_length)
  math(EXPR size "${hex_length} / 2")
  # A string literal of bounded lines compiles far faster than an array of integers.
  string(REGEX REPLACE "((\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f]))" "\\1\"\n\"" escaped "${escaped}")
  string(APPEND arrays "constexpr char data_${index}[] =\n\"${escaped}\";\n")
  string(APPEND rows "    {\"${name}\", {data_${index}, ${size}}},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUT}.cpp "// Made by cmake/embed.cmake.
#include \"${OUT}.hpp\"
namespace ${NAMESPACE} {
namespace {
${arrays}
constexpr EmbeddedFile table[] = {
${rows}};
}
std::span<EmbeddedFile const> embedded_files() { return table; }
}
")
