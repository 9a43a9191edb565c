// SPDX-License-Identifier: Apache-2.0
// Makes the tables of an Acceptor from a schema. Xerces has compiled the schema before, so it is in order;
// what matters here is to notice everything that the tables cannot say.
#include "schemas/acceptor.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <map>

namespace pointman::schemas {
namespace {

using Names = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view name, Names names) {
    return std::ranges::find(names, name) != names.end();
}

/// Letters, digits and what means the same in XML Schema and in ECMAScript.
bool is_common_pattern(std::string_view pattern) {
    bool in_class = false;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        auto const c = pattern[at];
        bool const is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (c == '\\') {
            ++at;
            if (at == pattern.size() || !is_one_of(pattern.substr(at, 1), {"d", "."})) return false;
        } else if (c == '[' || c == ']') {
            // A class inside a class takes members away from it.
            if (in_class == (c == '[')) return false;
            in_class = c == '[';
        } else if (!is_letter && std::string_view(":-+?*(){}").find(c) == std::string_view::npos) {
            return false;
        }
    }
    // A group that is no group.
    return pattern.find("(?") == std::string_view::npos;
}

class Compiler {
public:
    explicit Compiler(Document const& schema)
        : schema_(schema.root()) {}

    std::optional<Acceptor> run() {
        expect(schema_, {}, {"annotation", "element", "complexType", "simpleType", "group"});
        auto const root = schema_.child("element");
        if (!root) return std::nullopt;
        types_.resize(1);
        // In two steps, since the types of its children are put into the same table.
        auto type = element_type(*root);
        types_.front() = std::move(type);
        if (!is_known_) return std::nullopt;
        return Acceptor(std::string(root->attribute_or("name", "")), std::move(types_));
    }

private:
    /// Whether the schema's element has these attributes and children at most.
    void expect(Element const& element, Names attributes, Names children) {
        for (auto const& attribute : element.attributes()) {
            if (!is_one_of(attribute.name, attributes)) is_known_ = false;
        }
        for (Element const child : element.children()) {
            if (!is_one_of(child.name(), children)) is_known_ = false;
        }
    }

    std::optional<Element> named(std::string_view kind, std::string_view name) {
        for (Element const child : schema_.children()) {
            if (child.name() == kind && child.attribute_or("name", "") == name) return child;
        }
        return std::nullopt;
    }

    std::int64_t number(std::string_view text) {
        std::int64_t value = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size()) is_known_ = false;
        return value;
    }

    TextRule text_rule(std::string_view type) {
        if (type == "xs:string") return {};
        if (is_one_of(type, {"xs:integer", "xs:unsignedInt"})) {
            TextRule rule;
            rule.is_number = true;
            return rule;
        }
        if (auto const simple = named("simpleType", type)) return text_rule(*simple);
        is_known_ = false;
        return {};
    }

    TextRule text_rule(Element const& simple_type) {
        expect(simple_type, {"name"}, {"annotation", "restriction"});
        auto const restriction = simple_type.child("restriction");
        if (!restriction) {
            is_known_ = false;
            return {};
        }
        expect(*restriction, {"base"},
               {"enumeration", "pattern", "minLength", "minInclusive", "maxInclusive"});
        auto rule = text_rule(restriction->attribute_or("base", ""));
        add_facets(*restriction, rule);
        return rule;
    }

    void add_facets(Element const& restriction, TextRule& rule) {
        // A type that is restricted again would need both lists.
        bool const adds_to_list = restriction.child("enumeration") && !rule.allowed.empty();
        if (adds_to_list) is_known_ = false;
        for (Element const facet : restriction.children()) {
            add_facet(facet, rule);
        }
    }

    void add_facet(Element const& facet, TextRule& rule) {
        expect(facet, {"value"}, {"annotation"});
        auto const name = facet.name();
        auto const value = facet.attribute_or("value", "");
        if (name == "enumeration") rule.allowed.emplace_back(value);
        if (name == "minLength") rule.least_length = static_cast<std::size_t>(number(value));
        if (name == "minInclusive") rule.least = number(value);
        if (name == "maxInclusive") rule.most = number(value);
        if (name != "pattern") return;
        // Of two patterns, a text would have to match either.
        if (rule.pattern || !is_common_pattern(value)) {
            is_known_ = false;
        } else {
            rule.pattern = std::regex(std::string(value));
        }
    }

    ElementType element_type(Element const& element) {
        expect(element, {"name", "type", "minOccurs", "maxOccurs"},
               {"annotation", "complexType", "simpleType"});
        if (auto const complex = element.child("complexType")) return complex_type(*complex);
        if (auto const simple = element.child("simpleType")) return text_type(text_rule(*simple));
        auto const name = element.attribute_or("type", "");
        if (auto const complex = named("complexType", name)) return complex_type(*complex);
        return text_type(text_rule(name));
    }

    static ElementType text_type(TextRule rule) {
        ElementType type;
        type.content = ElementType::Content::text;
        type.text = std::move(rule);
        return type;
    }

    /// Place in the table. Types with a name are there once, and may be inside themselves.
    std::size_t type_index(Element const& element) {
        auto const name = element.attribute("type");
        if (name) {
            auto const [known, is_new] = by_name_.try_emplace(std::string(*name), types_.size());
            if (!is_new) return known->second;
        }
        // A type without a name that is inside itself would never end.
        constexpr std::size_t most_types = 1000;
        auto const index = types_.size();
        if (index == most_types) {
            is_known_ = false;
            return 0;
        }
        types_.emplace_back();
        auto type = element_type(element);
        types_[index] = std::move(type);
        return index;
    }

    ElementType complex_type(Element const& complex) {
        expect(complex, {"name", "mixed"},
               {"annotation", "simpleContent", "sequence", "choice", "all", "group", "attribute",
                "anyAttribute"});
        if (auto const simple = complex.child("simpleContent")) return simple_content(*simple);
        ElementType type;
        for (Element const child : complex.children()) {
            if (!is_one_of(child.name(), {"sequence", "choice", "all", "group"})) continue;
            type.children = particle(child);
            type.content = ElementType::Content::elements;
        }
        if (complex.attribute_or("mixed", "false") == "true") type.content = ElementType::Content::mixed;
        add_attributes(complex, type);
        return type;
    }

    /// A simple type with attributes, or a type of that kind with fewer texts.
    ElementType simple_content(Element const& content) {
        expect(content, {}, {"extension", "restriction"});
        auto const change = content.first_child();
        if (!change) {
            is_known_ = false;
            return {};
        }
        auto const base = change->attribute_or("base", "");
        expect(*change, {"base"}, {"annotation", "minLength", "attribute", "anyAttribute"});
        auto type = text_type({});
        if (auto const complex = named("complexType", base)) {
            auto restricted = complex_type(*complex);
            // The attributes of the other would have to be brought together with those here.
            if (change->name() != "restriction" || !restricted.attributes.empty()) is_known_ = false;
            if (restricted.content != ElementType::Content::text) is_known_ = false;
            type.text = std::move(restricted.text);
        } else {
            type.text = text_rule(base);
        }
        for (Element const child : change->children()) {
            if (child.name() == "minLength") add_facet(child, type.text);
        }
        add_attributes(*change, type);
        return type;
    }

    void add_attributes(Element const& parent, ElementType& type) {
        for (Element const child : parent.children()) {
            if (child.name() == "attribute") type.attributes.push_back(attribute_rule(child));
            if (child.name() != "anyAttribute") continue;
            expect_skipping(child, {"processContents"});
            type.takes_any_attribute = true;
        }
    }

    AttributeRule attribute_rule(Element const& attribute) {
        expect(attribute, {"name", "type", "use"}, {"annotation", "simpleType"});
        auto const use = attribute.attribute_or("use", "optional");
        if (!is_one_of(use, {"optional", "required"})) is_known_ = false;
        auto const simple = attribute.child("simpleType");
        return {.name = std::string(attribute.attribute_or("name", "")),
                .value = simple ? text_rule(*simple) : text_rule(attribute.attribute_or("type", "")),
                .is_required = use == "required"};
    }

    /// A wildcard whose elements or attributes are not looked at.
    void expect_skipping(Element const& wildcard, Names attributes) {
        expect(wildcard, attributes, {"annotation"});
        if (wildcard.attribute_or("processContents", "") != "skip") is_known_ = false;
    }

    Particle particle(Element const& part) {
        auto const name = part.name();
        Particle made;
        if (name == "element") {
            made.kind = Particle::Kind::element;
            made.name = part.attribute_or("name", "");
            made.type = type_index(part);
        } else if (name == "any") {
            made.kind = Particle::Kind::any;
            expect_skipping(part, {"minOccurs", "maxOccurs", "processContents"});
        } else if (name == "group") {
            made = group(part);
        } else {
            made = parts_of(part);
        }
        // The numbers of a group stand where it is used.
        made.least = static_cast<std::uint32_t>(number(part.attribute_or("minOccurs", "1")));
        auto const most = part.attribute_or("maxOccurs", "1");
        made.most = most == "unbounded" ? Particle::unbounded : static_cast<std::uint32_t>(number(most));
        if (made.most == 0) is_known_ = false;
        return made;
    }

    Particle parts_of(Element const& parent) {
        auto const name = parent.name();
        Particle made;
        if (name == "all") {
            // Neither as a whole nor in its parts more than once.
            made.kind = Particle::Kind::all;
            expect(parent, {}, {"element"});
        } else {
            if (name == "choice") made.kind = Particle::Kind::choice;
            expect(parent, {"minOccurs", "maxOccurs"}, {"element", "any", "sequence", "choice", "group"});
        }
        for (Element const child : parent.children()) made.parts.push_back(particle(child));
        // Without any part, it would make the type one without content, where not even white space may be.
        if (made.parts.empty()) is_known_ = false;
        return made;
    }

    /// As a sequence of the one that the group stands for.
    Particle group(Element const& use) {
        expect(use, {"ref", "minOccurs", "maxOccurs"}, {});
        Particle made;
        auto const definition = named("group", use.attribute_or("ref", ""));
        if (!definition) {
            is_known_ = false;
            return made;
        }
        expect(*definition, {"name"}, {"sequence", "choice"});
        for (Element const child : definition->children()) made.parts.push_back(particle(child));
        return made;
    }

    Element schema_;
    std::vector<ElementType> types_;
    std::map<std::string, std::size_t, std::less<>> by_name_;
    bool is_known_ = true;
};

} // namespace

std::optional<Acceptor> compile_acceptor(Document const& schema) {
    return Compiler(schema).run();
}

} // namespace pointman::schemas
