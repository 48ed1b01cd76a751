// An environment variable that is empty is as good as unset.

#include <querytap/base/environment.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>

namespace {

using querytap::environment;

constexpr const char* name = "QUERYTAP_ENVIRONMENT_TEST";

/// Sets the variable for one scope.
struct set_for_now {
  explicit set_for_now(const char* value) { setenv(name, value, 1); }
  set_for_now(const set_for_now&) = delete;
  set_for_now& operator=(const set_for_now&) = delete;
  ~set_for_now() { unsetenv(name); }
};

}  // namespace

TEST_CASE("a variable that is not there has no value", "[environment]") {
  unsetenv(name);
  CHECK(environment(name) == std::nullopt);
}

TEST_CASE("an empty variable has no value", "[environment]") {
  const set_for_now empty{""};
  CHECK(environment(name) == std::nullopt);
}

TEST_CASE("any other value is given as it is", "[environment]") {
  const set_for_now blank{" a=b,c \t"};
  CHECK(environment(name) == " a=b,c \t");
}
