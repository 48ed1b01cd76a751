// What a handler knows of an exception is what the failure counts as; its message is never recorded.

#include <querytap/base/error.hpp>
#include <querytap/base/exception_outcome.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace chat {

struct no_answer : std::runtime_error {
  using std::runtime_error::runtime_error;
};
template <class Model>
struct refused_by {};
struct a_namespace_with_a_name_that_is_much_too_long {
  struct quota_exceeded {};
};

}  // namespace chat

namespace {

using namespace querytap;

outcome outcome_of(const std::function<void()>& fails) {
  try {
    fails();
  } catch (...) {
    return outcome_of_current_exception();
  }
  return outcome::ok();
}

std::string type_of(const std::function<void()>& fails) {
  const outcome failure = outcome_of(fails);
  return std::string{failure.error_type()};
}

template <class Exception>
std::function<void()> throws(Exception exception) {
  return [exception] { throw exception; };
}

/// An exception of a client library that the classifier below knows.
struct busy_client {
  bool has_timed_out;
};

std::optional<outcome> outcome_of_busy_client() noexcept {
  try {
    throw;
  } catch (const busy_client& busy) {
    return outcome::error("busy", "42",
                          busy.has_timed_out ? failure_kind::timeout : failure_kind::error);
  } catch (...) {
    return std::nullopt;
  }
}

}  // namespace

TEST_CASE("an exception counts by its own type, without the namespace of a library's own") {
  struct example {
    std::function<void()> fails;
    std::string type;
  };
  const std::vector<example> examples{
      {throws(std::runtime_error{"canary"}), "runtime_error"},
      {throws(std::bad_alloc{}), "bad_alloc"},
      {[] { static_cast<void>(std::vector<int>{}.at(7)); }, "out_of_range"},
      {[] { static_cast<void>(std::stoi("canary")); }, "invalid_argument"},
      {[] { std::function<void()>{}(); }, "bad_function_call"},
      {throws(configuration_error{"listen", "canary", "canary"}), "configuration_error"},
      {throws(chat::no_answer{"canary"}), "chat::no_answer"},
      {throws(chat::refused_by<std::vector<int>>{}), "chat::refused_by"},
      {throws(chat::a_namespace_with_a_name_that_is_much_too_long::quota_exceeded{}),
       "quota_exceeded"},
      {throws(42), "int"},
      {throws("canary"), "char const*"},
  };
  for (const example& expected : examples) {
    CAPTURE(expected.type);
    CHECK(type_of(expected.fails) == expected.type);
    CHECK(outcome_of(expected.fails).kind() == failure_kind::error);
    CHECK(outcome_of(expected.fails).status_code().empty());
  }
}

TEST_CASE("an error of the system counts by its category and number, and says if time ran out") {
  const auto fails_with = [](std::errc code) {
    return throws(std::system_error{std::make_error_code(code), "canary"});
  };
  CHECK(type_of(fails_with(std::errc::connection_refused)) == "generic:111");
  CHECK(outcome_of(fails_with(std::errc::connection_refused)).kind() == failure_kind::error);
  CHECK(outcome_of(fails_with(std::errc::timed_out)).kind() == failure_kind::timeout);
  CHECK(outcome_of(fails_with(std::errc::operation_canceled)).kind() == failure_kind::cancelled);
  CHECK(type_of([] { static_cast<void>(std::filesystem::file_size("/no/such/canary")); }) ==
        "generic:2");
  CHECK(type_of([] {
          std::ifstream file;
          file.exceptions(std::ios::failbit);
          file.open("/no/such/canary");
        }) == "iostream:1");
}

TEST_CASE("a classifier knows the exceptions of its library, as long as it lives") {
  const auto fails = throws(busy_client{true});
  CHECK_THAT(type_of(fails), Catch::EndsWith("busy_client"));
  for (int i = 0; i < 3; ++i) {
    const exception_classifier busy{&outcome_of_busy_client};
    CHECK(type_of(fails) == "busy");
    CHECK(outcome_of(fails).status_code() == "42");
    CHECK(outcome_of(fails).kind() == failure_kind::timeout);
    CHECK(type_of(throws(std::bad_alloc{})) == "bad_alloc");
  }
  CHECK_THAT(type_of(fails), Catch::EndsWith("busy_client"));
}

TEST_CASE("without an exception there is no more to say than that something failed") {
  CHECK(outcome_of_current_exception() == outcome::error(""));
  struct asks_while_unwinding {
    outcome& answer;
    ~asks_while_unwinding() { answer = outcome_of_current_exception(); }
  };
  outcome answer;
  try {
    const asks_while_unwinding asks{answer};
    throw std::runtime_error{"passes"};
  } catch (const std::runtime_error&) {
  }
  CHECK(answer == outcome::error(""));
}
