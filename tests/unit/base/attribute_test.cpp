// A set of attributes is the same set however it was put together: sorted, each key once, the last
// value given for a key, and readable as text.

#include <querytap/base/attribute.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>

namespace {

using namespace querytap;

std::string shown(const attribute_value& value) { return to_string(value); }

}  // namespace

TEST_CASE("attributes stand in the order of their keys, however they were given", "[attribute]") {
  const attributes labels{{"server.port", 5433}, {"db.namespace", "shop"}, {"error.type", "23505"}};
  CHECK(to_string(labels) == "db.namespace=shop error.type=23505 server.port=5433");

  attributes one_by_one;
  one_by_one.set({"error.type", "23505"});
  one_by_one.set({"server.port", 5433});
  one_by_one.set({"db.namespace", "shop"});
  CHECK(one_by_one == labels);
}

TEST_CASE("a key stands once, with the last value given for it", "[attribute]") {
  attributes labels{{"b", 1}, {"a", "first"}, {"b", 2}, {"a", "last"}};
  CHECK(to_string(labels) == "a=last b=2");
  CHECK(labels.size() == 2);

  labels.set({"b", true});
  CHECK(to_string(labels) == "a=last b=true");
}

TEST_CASE("a key is found by its whole name only", "[attribute]") {
  const attributes labels{{"db.system", 1}, {"db.system.name", "sqlite"}};
  REQUIRE(labels.find("db.system.name") != nullptr);
  CHECK(*labels.find("db.system.name") == attribute_value{std::string{"sqlite"}});
  REQUIRE(labels.find("db.system") != nullptr);
  CHECK(*labels.find("db.system") == attribute_value{std::int64_t{1}});

  for (const char* absent : {"", "a", "db", "db.system.", "db.system.name.", "z"}) {
    CAPTURE(absent);
    CHECK(labels.find(absent) == nullptr);
  }
  CHECK(attributes{}.find("db.system") == nullptr);
}

TEST_CASE("a set without attributes is empty", "[attribute]") {
  CHECK(attributes{}.empty());
  CHECK(to_string(attributes{}) == "");
  CHECK_FALSE(attributes{{"a", ""}}.empty());
  CHECK(to_string(attributes{{"a", ""}}) == "a=");
}

TEST_CASE("sets are equal if keys, values and kinds of value are", "[attribute]") {
  CHECK(attributes{{"a", 1}, {"b", 2}} == attributes{{"b", 2}, {"a", 1}});
  CHECK_FALSE(attributes{{"a", 1}} == attributes{{"a", 2}});
  CHECK_FALSE(attributes{{"a", 1}} == attributes{{"b", 1}});
  CHECK_FALSE(attributes{{"a", 1}} == attributes{{"a", "1"}});
  CHECK_FALSE(attributes{{"a", 1}} == attributes{{"a", 1}, {"b", 1}});
}

TEST_CASE("a literal is text, not a truth", "[attribute]") {
  CHECK(attribute{"a", "x"}.value == attribute_value{std::string{"x"}});
  CHECK(attribute{"a", true}.value == attribute_value{true});
}

TEST_CASE("values read as their shortest text", "[attribute]") {
  CHECK(shown(std::string{"as it is = \n"}) == "as it is = \n");
  CHECK(shown(true) == "true");
  CHECK(shown(false) == "false");
  CHECK(shown(std::int64_t{-5432}) == "-5432");
  CHECK(shown(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(shown(0.1) == "0.1");
  CHECK(shown(1.0) == "1");
  CHECK(shown(1e300) == "1e+300");
}

TEST_CASE("a thousand settings in any order leave the same entries as in a map", "[attribute]") {
  std::mt19937 random{20240501};
  std::uniform_int_distribution<int> letter{'a', 'z'};
  attributes labels;
  std::map<std::string, int> expected;
  for (int i = 0; i < 1000; ++i) {
    std::string key(1 + random() % 2, ' ');
    for (char& c : key) c = static_cast<char>(letter(random));
    labels.set({key, i});
    expected[key] = i;
  }
  std::string text;
  for (const auto& [key, value] : expected) {
    text += (text.empty() ? "" : " ") + key + '=' + std::to_string(value);
  }
  CHECK(to_string(labels) == text);
}
