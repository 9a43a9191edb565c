// SPDX-License-Identifier: Apache-2.0
// Management Information Format: text in, data out. Nothing here knows of XML, databases or inventories.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::mif {

/// In the text, counted from 1, in characters.
struct Place {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

struct Limits {
    std::size_t groups = 5'000;
    std::size_t attributes = 2'000;          ///< of a group
    std::size_t instances = 50'000;          ///< groups with values, and rows of tables
    std::size_t instances_before = 0;        ///< that count already, of other texts
    std::size_t name = 256;                  ///< characters of a NAME or CLASS
    std::size_t value = 65'536;              ///< characters of any other text
    std::size_t instance_bytes = 32'000'000; ///< names and values of all instances
};

struct Attribute {
    std::uint64_t id = 0;
    std::string name;
};

/// Of the attribute at that index: a text, a number in decimal, the text of an enumeration's item. Bytes of
/// an octet string stand for themselves where all are printable, else as two hex digits each.
struct Value {
    std::size_t attribute = 0;
    std::string text;
};

/// A group of attributes with their values, or a row of a table with those of its template for what it leaves
/// out. In the order of the attributes; those without value are not there.
struct Instance {
    std::vector<Value> values;
    Place place; ///< of START GROUP, or of the row's brace
};

struct Group {
    std::string name;
    std::string class_text; ///< CLASS as it stands: `vendor|name|version`; "" = none
    Place class_place;      ///< of CLASS's value, else of NAME's
    std::vector<Attribute> attributes;
    std::vector<std::size_t> keys; ///< indices of the attributes that KEY names, in its order
    std::vector<Instance> instances;
};

struct Component {
    std::string name;
    std::vector<Group> groups;
};

/// Grammar of the DMTF's Management Information Format 2.0, with words in any case and the statements of a
/// block in any order. A group is the template of the tables behind it that name its CLASS, and is an
/// instance itself only without any. A text ends on its line; texts in a row are one. An escape that is not
/// known stands for itself, since paths are written without escaping; control characters are left out. Fails
/// with bad_mif, and with limit_exceeded for too many groups, attributes, instances or bytes of instances:
/// rows may take sixteen times the text at most, as a template's values would else fill the disk. Each fault
/// has its place and says what was expected.
Result<Component> parse(std::string_view utf8, Limits const& limits = {});

/// The text of a file: UTF-8 or UTF-16, by mark or pattern, else Windows-1252. Zeros and the mark of CP/M at
/// its end are cut off. Fails with bad_mif on broken UTF-16.
Result<std::string> text_of(BytesView file);

} // namespace pointman::mif
