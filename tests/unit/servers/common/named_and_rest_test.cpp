// The largest things of a server have series of their own; the rest is one, whose counters only rise.

#include <servers/common/named_and_rest.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

using namespace querytap::detail;

namespace {

std::string text_of(const std::vector<named_numbers>& things) {
  std::string text;
  for (const named_numbers& thing : things) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{}={}", thing.name, fmt::join(thing.counters, "/"));
    if (!thing.gauges.empty()) text += fmt::format("({})", fmt::join(thing.gauges, "/"));
  }
  return text;
}

}  // namespace

TEST_CASE("the largest things are named and all others are one", "[named_and_rest]") {
  named_and_rest commands{2};
  CHECK(text_of(commands.split({{"get", {50}}, {"del", {2}}, {"set", {40}}, {"ping", {1}}})) ==
        "get=50 set=40 _OTHER=3");
  CHECK(text_of(commands.split({{"get", {60}}, {"del", {5}}, {"set", {41}}, {"ping", {1}}})) ==
        "get=60 set=41 _OTHER=6");
}

TEST_CASE("few things have no rest, and a rest that was there stays", "[named_and_rest]") {
  named_and_rest tables{2};
  CHECK(text_of(tables.split({{"a", {5}}, {"b", {4}}})) == "a=5 b=4");
  CHECK(text_of(tables.split({{"a", {5}}, {"b", {4}}, {"c", {1}}})) == "a=5 b=4 _OTHER=1");
  CHECK(text_of(tables.split({{"a", {6}}, {"b", {4}}})) == "a=6 b=4 _OTHER=1");
  CHECK(text_of(named_and_rest{3}.split({})).empty());
}

TEST_CASE("the rest rises by what the unnamed have risen by, whoever is named",
          "[named_and_rest]") {
  named_and_rest things{1};
  CHECK(text_of(things.split({{"a", {100}}, {"b", {90}}, {"c", {1}}})) == "a=100 _OTHER=91");
  // b overtakes a: its rise until now is the rest's, and a's from now on.
  CHECK(text_of(things.split({{"a", {101}}, {"b", {150}}, {"c", {1}}})) == "b=150 _OTHER=152");
  CHECK(text_of(things.split({{"a", {105}}, {"b", {160}}, {"c", {1}}})) == "b=160 _OTHER=156");
}

TEST_CASE("what is gone takes nothing from the rest", "[named_and_rest]") {
  named_and_rest things{1};
  CHECK(text_of(things.split({{"a", {100}}, {"b", {90}}, {"c", {10}}})) == "a=100 _OTHER=100");
  CHECK(text_of(things.split({{"a", {100}}, {"c", {13}}})) == "a=100 _OTHER=103");
  CHECK(text_of(things.split({{"a", {100}}, {"b", {2}}, {"c", {13}}})) == "a=100 _OTHER=105");
}

TEST_CASE("a reset counts on from what the rest had", "[named_and_rest]") {
  named_and_rest things{1};
  CHECK(text_of(things.split({{"a", {100}}, {"b", {90}}})) == "a=100 _OTHER=90");
  CHECK(text_of(things.split({{"a", {5}}, {"b", {3}}})) == "a=5 _OTHER=93");
}

TEST_CASE("gauges of the rest are what there is at present", "[named_and_rest]") {
  named_and_rest tables{1};
  CHECK(text_of(tables.split({{"a", {9}, {10}}, {"b", {5}, {20}}, {"c", {2}, {30}}})) ==
        "a=9(10) _OTHER=7(50)");
  CHECK(text_of(tables.split({{"a", {9}, {11}}, {"c", {2}, {5}}})) == "a=9(11) _OTHER=7(5)");
  named_and_rest sizes{1};
  CHECK(text_of(sizes.split({{"small", {}, {1}}, {"large", {}, {7}}})) == "large=(7) _OTHER=(1)");
}

TEST_CASE("things of one name are one thing", "[named_and_rest]") {
  named_and_rest things{5};
  CHECK(text_of(things.split({{"a", {1}, {1}}, {"a", {2}, {3}}})) == "a=3(4)");
}

TEST_CASE("the sum of everything is enough to know the rest", "[named_and_rest]") {
  named_and_rest tables{2};
  CHECK(text_of(tables.split({{"a", {50, 5}, {7}}, {"b", {40, 4}, {6}}}, {"", {100, 10}, {20}})) ==
        "a=50/5(7) b=40/4(6) _OTHER=10/1(7)");
  CHECK(text_of(tables.split({{"a", {55, 5}, {7}}, {"b", {41, 4}, {6}}}, {"", {110, 11}, {21}})) ==
        "a=55/5(7) b=41/4(6) _OTHER=14/2(8)");
}

TEST_CASE("the rest by the sum never falls as tables are named, dropped and reset",
          "[named_and_rest]") {
  named_and_rest tables{1};
  CHECK(text_of(tables.split({{"a", {50}}}, {"", {100}})) == "a=50 _OTHER=50");
  // b is named in place of a; everything rose by 20.
  CHECK(text_of(tables.split({{"b", {60}}}, {"", {120}})) == "b=60 _OTHER=70");
  CHECK(text_of(tables.split({{"b", {65}}}, {"", {130}})) == "b=65 _OTHER=75");
  // A table with 30 is dropped.
  CHECK(text_of(tables.split({{"b", {66}}}, {"", {101}})) == "b=66 _OTHER=75");
  CHECK(text_of(tables.split({{"b", {66}}}, {"", {103}})) == "b=66 _OTHER=77");
  // b alone is reset.
  CHECK(text_of(tables.split({{"b", {1}}}, {"", {40}})) == "b=1 _OTHER=79");
}

TEST_CASE("a sum that the named ones make up has no rest", "[named_and_rest]") {
  named_and_rest tables{2};
  CHECK(text_of(tables.split({{"a", {5}, {1}}}, {"", {5}, {1}})) == "a=5(1)");
  CHECK(text_of(tables.split({}, {"", {}, {}})).empty());
}
