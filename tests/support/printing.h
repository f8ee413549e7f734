// How values look in the messages of failing tests; every test has it, with the precompiled header.
#pragma once

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <concepts>
#include <cstddef>
#include <gtest/gtest.h>
#include <ostream>
#include <string_view>
#include <type_traits>
#include <utility>

namespace McpAuth::Test {

/// Empty where the enumeration has no such value: GCC and Clang then write "(Enumeration)7".
template<auto value>
constexpr std::string_view enumeratorName()
{
    std::string_view name = __PRETTY_FUNCTION__;
    constexpr std::string_view before = "value = ";
    name.remove_prefix(name.find(before) + before.size());
    name = name.substr(0, name.find_first_of(";]"));
    const std::size_t parenthesis = name.rfind(')');
    if (parenthesis != name.npos && name[parenthesis + 1] != ':')
        return {};
    return name.substr(name.rfind(':') + 1);
}

/// The values that are looked at.
inline constexpr std::size_t enumerators = 32;

template<typename Enumeration, std::size_t... values>
std::string_view enumName(Enumeration value, std::index_sequence<values...> /*all*/)
{
    std::string_view name;
    ((static_cast<std::size_t>(std::to_underlying(value)) == values ? void(name = enumeratorName<Enumeration(values)>())
                                                                    : void()),
     ...);
    return name;
}

} // namespace McpAuth::Test

/// As JSON, not as bytes.
inline void PrintTo(const QJsonObject &object, std::ostream *out)
{
    *out << QJsonDocument(object).toJson(QJsonDocument::Compact).constData();
}

inline void PrintTo(const QJsonArray &array, std::ostream *out)
{
    *out << QJsonDocument(array).toJson(QJsonDocument::Compact).constData();
}

inline void PrintTo(const QJsonValue &value, std::ostream *out)
{
    PrintTo(QJsonArray{value}, out);
}

namespace testing::internal {

/// By name, not as bytes.
template<typename Enumeration>
    requires std::is_scoped_enum_v<Enumeration>
class UniversalPrinter<Enumeration>
{
public:
    static void Print(const Enumeration &value, std::ostream *out)
    {
        const std::string_view name =
            McpAuth::Test::enumName(value, std::make_index_sequence<McpAuth::Test::enumerators>());
        if (name.empty())
            *out << +std::to_underlying(value);
        else
            *out << name;
    }
};

/// Parameters of tests, by theirs.
template<typename Parameter>
    requires std::is_class_v<Parameter> && requires(const Parameter &value) {
        { value.name } -> std::convertible_to<const char *>;
    }
class UniversalPrinter<Parameter>
{
public:
    static void Print(const Parameter &value, std::ostream *out) { *out << value.name; }
};

} // namespace testing::internal
