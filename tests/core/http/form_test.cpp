// application/x-www-form-urlencoded (URL Standard §5, RFC 6749 appendix B).
#include "http/form.h"
#include "support/result.h"

#include <gtest/gtest.h>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

using namespace Test;

TEST(Form, JoinsTheQueryThatAUrlHas) // RFC 6749 §3.1
{
    const Form form{{u"a"_s, u"b c"_s}};
    for (const auto &[url, whole] :
         {std::pair{u"https://as.example/authorize"_s, u"https://as.example/authorize?a=b+c"_s},
          std::pair{u"https://as.example/?"_s, u"https://as.example/?a=b+c"_s},
          std::pair{u"https://as.example/?x=1"_s, u"https://as.example/?x=1&a=b+c"_s},
          std::pair{u"https://as.example/?x=1&"_s, u"https://as.example/?x=1&a=b+c"_s}})
        EXPECT_EQ(withQuery(url, form), whole);
}

TEST(Form, IsWrittenAsRfc6749AppendixBShows)
{
    EXPECT_EQ(toFormText({{u"v"_s, u" %&+£€"_s}}), "v=+%25%26%2B%C2%A3%E2%82%AC");
    EXPECT_EQ(toFormText({{u"resource"_s, u"https://a.example/mcp"_s}, {u"scope"_s, u"a b"_s}}),
              "resource=https%3A%2F%2Fa.example%2Fmcp&scope=a+b");
    EXPECT_EQ(toFormText({}), "");
}

TEST(Form, IsReadBack)
{
    const Form form{{u"a b"_s, u"=&+%"_s}, {u"leer"_s, u""_s}, {u"größe"_s, u"€"_s}};
    EXPECT_EQ(parseForm(toFormText(form)), form);
    EXPECT_EQ(parseForm("a&b=1&&c=%7e"), (Form{{u"a"_s, u""_s}, {u"b"_s, u"1"_s}, {u"c"_s, u"~"_s}}));
    EXPECT_EQ(parseForm("x=%41"), (Form{{u"x"_s, u"A"_s}}));
}

TEST(Form, OfBrokenEscapesIsRefused)
{
    for (const char *text : {"a=%", "a=%4", "a=%zz", "%=1", "a=%ff", "a=%C3%28"})
        EXPECT_EQ(codeOf(parseForm(text)), u"invalid_form"_s) << text;
}

TEST(Form, OfTooManyFieldsIsRefused)
{
    EXPECT_TRUE(parseForm(QByteArray("a=1&").repeated(maxFormFields)));
    EXPECT_EQ(codeOf(parseForm(QByteArray("a=1&").repeated(maxFormFields + 1))), u"invalid_form"_s);
}

TEST(Form, WithAParameterTwiceHasNoValueForIt)
{
    const Form form{{u"code"_s, u"1"_s}, {u"state"_s, u"s"_s}, {u"code"_s, u"2"_s}};
    EXPECT_EQ(formValue(form, u"state"), u"s"_s);
    EXPECT_EQ(formValue(form, u"iss"), std::nullopt);
    EXPECT_EQ(codeOf(formValue(form, u"code")), u"repeated_parameter"_s);
}

} // namespace McpAuth::Http
