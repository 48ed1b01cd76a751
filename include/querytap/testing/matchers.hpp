#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/function.hpp>
#include <querytap/testing/checks.hpp>

#if __has_include(<catch2/matchers/catch_matchers.hpp>)
#include <catch2/catch_tostring.hpp>
#include <catch2/matchers/catch_matchers.hpp>
namespace querytap::detail {
template <class T>
using matcher_base = Catch::Matchers::MatcherBase<T>;
}  // namespace querytap::detail
#else
#include <catch2/catch.hpp>
namespace querytap::detail {
template <class T>
using matcher_base = Catch::MatcherBase<T>;
}  // namespace querytap::detail
#endif

#include <cstdint>
#include <string>
#include <utility>

namespace querytap {

/// What a request may cost, as matchers for Catch2, versions 2 and 3.
///
///     CHECK_THAT(report, has_no_n_plus_one() && makes_at_most(10) && finishes_within(200ms));
///     // request POST /chat has an N+1:
///     //   11 calls at src/store.cpp:42, 55.0 ms: select body from documents where id = $1
///
/// querytap::testing does not depend on Catch2: a test that includes this header links Catch2
/// itself.
///
/// Errors   those of the checks in testing/checks.hpp.
class request_matcher final : public detail::matcher_base<request_report> {
 public:
  explicit request_matcher(std::function<check_result(const request_report&)> check)
      : check_{std::move(check)} {}

  [[nodiscard]] bool match(const request_report& report) const override {
    check_result result = check_(report);
    message_ = std::move(result.message);
    m_cachedToString.clear();  // Catch2 caches the description of the previous report
    return result.ok;
  }

  [[nodiscard]] std::string describe() const override { return message_; }

 private:
  std::function<check_result(const request_report&)> check_;
  mutable std::string message_;
};

[[nodiscard]] inline request_matcher has_no_n_plus_one(std::uint64_t from = 5) {
  return request_matcher{
      [from](const request_report& report) { return has_no_n_plus_one(report, from); }};
}

[[nodiscard]] inline request_matcher makes_at_most(std::uint64_t calls) {
  return request_matcher{
      [calls](const request_report& report) { return makes_at_most(report, calls); }};
}

[[nodiscard]] inline request_matcher finishes_within(std::chrono::nanoseconds budget) {
  return request_matcher{
      [budget](const request_report& report) { return finishes_within(report, budget); }};
}

}  // namespace querytap

/// A failing assertion shows this word and the matcher's message.
template <>
struct Catch::StringMaker<querytap::request_report> {
  static std::string convert(const querytap::request_report&) { return "request"; }
};
