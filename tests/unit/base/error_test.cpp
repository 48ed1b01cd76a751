// A wrong setting is refused by an error that names the option, the value and the reason.

#include <querytap/base/error.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

namespace {

using querytap::configuration_error;

}  // namespace

TEST_CASE("the message names the option, the value and the reason", "[error]") {
  const configuration_error error{"listen", "nowhere", "expected HOST:PORT"};
  CHECK(std::string{error.what()} == "querytap: option 'listen' = 'nowhere': expected HOST:PORT");
  CHECK(error.option() == "listen");
}

TEST_CASE("the value is shown as it is, with any characters", "[error]") {
  CHECK(std::string{configuration_error{"a", "", "b"}.what()} == "querytap: option 'a' = '': b");
  CHECK(std::string{configuration_error{"a", "{} {0} %s '", "b"}.what()} ==
        "querytap: option 'a' = '{} {0} %s '': b");
}

TEST_CASE("the error is caught as the standard's invalid argument", "[error]") {
  CHECK_THROWS_AS((throw configuration_error{"a", "b", "c"}), std::invalid_argument);
}
