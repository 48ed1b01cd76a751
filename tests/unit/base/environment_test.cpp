// An empty environment variable counts as unset, and a flag is set only by `true`.

#include <querytap/base/environment.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>

namespace {

using querytap::environment;
using querytap::environment_flag;

constexpr const char* name = "QUERYTAP_ENVIRONMENT_TEST";

/// Sets the variable for one scope.
struct set_in_scope {
  explicit set_in_scope(const char* value) { setenv(name, value, 1); }
  set_in_scope(const set_in_scope&) = delete;
  set_in_scope& operator=(const set_in_scope&) = delete;
  ~set_in_scope() { unsetenv(name); }
};

}  // namespace

TEST_CASE("a variable that is not there has no value", "[environment]") {
  unsetenv(name);
  CHECK(environment(name) == std::nullopt);
}

TEST_CASE("an empty variable has no value", "[environment]") {
  const set_in_scope empty{""};
  CHECK(environment(name) == std::nullopt);
}

TEST_CASE("any other value is given as it is", "[environment]") {
  const set_in_scope blank{" a=b,c \t"};
  CHECK(environment(name) == " a=b,c \t");
}

TEST_CASE("a flag is up only if it says true, in any case", "[environment]") {
  for (const char* up : {"true", "TRUE", "True", "tRuE"}) {
    CAPTURE(up);
    const set_in_scope flag{up};
    CHECK(environment_flag(name));
  }
  for (const char* down : {"", "1", "yes", "false", "tru", "truex", " true", "true ", "on"}) {
    CAPTURE(down);
    const set_in_scope flag{down};
    CHECK_FALSE(environment_flag(name));
  }
  CHECK_FALSE(environment_flag(name));
}
