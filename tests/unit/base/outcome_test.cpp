// An outcome says whether a call failed and how, in a fixed size, for names of any length.

#include <querytap/base/outcome.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <type_traits>

namespace {

using namespace querytap;

static_assert(std::is_trivially_copyable_v<outcome>);
static_assert(!outcome{}.failed());
static_assert(outcome::error("23505", "23505").error_type() == "23505");

}  // namespace

TEST_CASE("a call that went well has neither type nor code", "[outcome]") {
  CHECK_FALSE(outcome{}.failed());
  CHECK(outcome::ok() == outcome{});
  CHECK(outcome::ok().error_type() == "");
  CHECK(outcome::ok().status_code() == "");
}

TEST_CASE("an error has its type and the server's code", "[outcome]") {
  const outcome refused = outcome::error("unique_violation", "23505");
  CHECK(refused.failed());
  CHECK(refused.error_type() == "unique_violation");
  CHECK(refused.status_code() == "23505");

  const outcome lost = outcome::error("broken_connection");
  CHECK(lost.failed());
  CHECK(lost.status_code() == "");
}

TEST_CASE("an error without a type is _OTHER", "[outcome]") {
  CHECK(outcome::error("").failed());
  CHECK(outcome::error("").error_type() == "_OTHER");
  CHECK(outcome::error("", "42").error_type() == "_OTHER");
  CHECK(outcome::error("", "42").status_code() == "42");
}

TEST_CASE("names that are too long are cut, those that just fit are not", "[outcome]") {
  const std::string text = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    CAPTURE(size);
    const outcome cut = outcome::error(text.substr(0, size), text.substr(0, size));
    CHECK(cut.error_type() == text.substr(0, std::min<std::size_t>(size, 45)));
    CHECK(cut.status_code() == text.substr(0, std::min<std::size_t>(size, 16)));
  }
}

TEST_CASE("an outcome does not need the text that it was made of", "[outcome]") {
  std::string type = "broken_connection";
  const outcome error = outcome::error(type, type.substr(0, 6));
  type.assign(type.size(), '#');
  CHECK(error.error_type() == "broken_connection");
  CHECK(error.status_code() == "broken");
}

TEST_CASE("outcomes are equal if type and code are", "[outcome]") {
  CHECK(outcome::error("a", "1") == outcome::error("a", "1"));
  CHECK_FALSE(outcome::error("a", "1") == outcome::error("a", "2"));
  CHECK_FALSE(outcome::error("a", "1") == outcome::error("b", "1"));
  CHECK_FALSE(outcome::error("a") == outcome::error("aa"));
  CHECK_FALSE(outcome::error("") == outcome::ok());
  CHECK(outcome::error("") == outcome::error("_OTHER"));
}
