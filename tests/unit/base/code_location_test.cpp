// A line of code is one pointer, whoever compiled it.

#include <querytap/base/code_location.hpp>

#include <catch2/catch.hpp>

#include <string_view>
#include <type_traits>

using namespace querytap;

namespace {

code_location here(code_location site = code_location::current()) { return site; }

}  // namespace

TEST_CASE("a line names its file, function and number") {
  const code_location site = here();
  CHECK(std::string_view{site.file_name()}.ends_with("code_location_test.cpp"));
  CHECK(site.line() == 19);
  CHECK(std::string_view{site.function_name()} != "");
  CHECK(code_location::at(site.pointer()).line() == 19);
}

TEST_CASE("no line has empty texts") {
  CHECK(code_location{}.file_name() == std::string_view{});
  CHECK(code_location::at(nullptr).line() == 0);
}

TEST_CASE("three values that are the same are one line, and others another") {
  static const char* const file = "src/find.cpp";
  const code_location site{file, 7, "find"};
  CHECK(site.file_name() == file);
  CHECK(site.function_name() == std::string_view{"find"});
  CHECK(site.line() == 7);
  CHECK(code_location{file, 7, site.function_name()}.pointer() == site.pointer());
  CHECK(code_location{file, 8, site.function_name()}.pointer() != site.pointer());
}

static_assert(sizeof(code_location) == sizeof(void*) &&
              std::is_trivially_copyable_v<code_location>);
