// A component's status follows its answers: not the first slip, but neither late; and one that comes and goes is called
// so once.

#include <analysis/health/component_health.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace {

using namespace querytap;
using namespace querytap::detail;
using namespace std::chrono_literals;

constexpr std::chrono::system_clock::time_point first_moment{std::chrono::hours{1000}};

/// Answers as letters, one a second: p for pass, w for warn, f for fail.
class patient {
 public:
  explicit patient(const health_rules& rules = {}) : health_{rules} {}

  /// The changes that the answers bring about, with the number of the answer.
  std::string changes(std::string_view answers) {
    std::string text;
    for (const char letter : answers) {
      ++count_;
      const auto change = health_.take(status_of(letter), first_moment + count_ * 1s);
      if (!change.has_value()) continue;
      if (!text.empty()) text += ", ";
      text += std::to_string(count_) + ": " + std::string{to_string(change->before)} + " to " +
              std::string{to_string(change->after)};
      if (change->begins_to_flap) text += " (flaps)";
    }
    return text;
  }

  component_health& health() { return health_; }

 private:
  static health_status status_of(char letter) {
    if (letter == 'p') return health_status::pass;
    if (letter == '?') return health_status::unknown;
    return letter == 'w' ? health_status::warn : health_status::fail;
  }

  component_health health_;
  int count_ = 0;
};

}  // namespace

TEST_CASE("the first answer is the status", "[component_health]") {
  CHECK(patient{}.changes("p") == "1: unknown to pass");
  CHECK(patient{}.changes("f") == "1: unknown to fail");
}

TEST_CASE("three bad answers in a row change it, and two good ones change it back",
          "[component_health]") {
  CHECK(patient{}.changes("pffpfffpp") == "1: unknown to pass, 7: pass to fail, 9: fail to pass");
}

TEST_CASE("a component that cannot be judged is not well, and no answer of that kind heals it",
          "[component_health]") {
  CHECK(patient{}.changes("???") == "");
  CHECK(patient{}.changes("??pp") == "4: unknown to pass");
  CHECK(patient{}.changes("p??p???") == "1: unknown to pass, 7: pass to unknown");
  CHECK(patient{}.changes("f????") == "1: unknown to fail, 3: fail to unknown");
  CHECK(patient{}.changes("w?w?") == "1: unknown to warn");
  CHECK(patient{}.changes("p?f?") == "1: unknown to pass, 4: pass to unknown");
}

TEST_CASE("the numbers of answers are those of the rules", "[component_health]") {
  CHECK(patient{{.failures = 1, .successes = 3}}.changes("pfppp") ==
        "1: unknown to pass, 2: pass to fail, 5: fail to pass");
}

TEST_CASE("warnings count on the way to a failure, and a failure may become a warning",
          "[component_health]") {
  CHECK(patient{}.changes("pwwwfff") == "1: unknown to pass, 4: pass to warn, 7: warn to fail");
  CHECK(patient{}.changes("pwff") == "1: unknown to pass, 4: pass to warn");
  CHECK(patient{}.changes("fwwpp") == "1: unknown to fail, 3: fail to warn, 5: warn to pass");
}

TEST_CASE("a component that fails every second time flaps, which is one change for good",
          "[component_health]") {
  patient ill;
  std::string changes;
  for (int i = 0; i < 50; ++i) {
    const std::string more = ill.changes("pf");
    if (!more.empty()) changes += (changes.empty() ? "" : ", ") + more;
  }
  CHECK(changes == "1: unknown to pass, 6: pass to warn (flaps)");
  CHECK(ill.health().is_flapping());
  CHECK(ill.health().bad_answers() == 10);
}

TEST_CASE("a component that flaps and then goes down is down", "[component_health]") {
  patient ill;
  ill.changes("pfpfpf");
  CHECK(ill.health().is_undecided());  // the next answers follow fast
  CHECK(ill.changes("fffff") == "11: warn to fail");
}

TEST_CASE("a component that fails four times of five is down", "[component_health]") {
  patient ill{{.failures = 3, .successes = 1}};
  ill.changes("pfpfpf");
  for (int i = 0; i < 4; ++i) ill.changes("ffffp");
  CHECK(ill.health().status() == health_status::fail);
}

TEST_CASE("whatever the pattern of a component that flaps, it is news twice at most",
          "[component_health]") {
  for (const std::string_view pattern : {"fffpffp", "fffffpp", "ffffffpp", "pf", "ppfff", "fpp"}) {
    component_health flapping{{.failures = 3, .successes = 2}};
    int news = 0;
    for (int i = 0; i < 2000; ++i) {
      const bool fails = pattern[static_cast<std::size_t>(i) % pattern.size()] == 'f';
      const auto change =
          flapping.take(fails ? health_status::fail : health_status::pass, first_moment + i * 1s);
      if (change.has_value() && change->is_news && i > 20) ++news;
    }
    INFO(pattern);
    CHECK(news <= 1);
  }
}

TEST_CASE("warning and failing by turns is flapping too", "[component_health]") {
  patient ill{{.failures = 1, .successes = 1}};
  ill.changes("wfwfwf");
  CHECK(ill.health().is_flapping());
  CHECK(ill.changes("wfwfwfwfwf") == "");
}

TEST_CASE("flapping ends once the component has settled", "[component_health]") {
  patient ill;
  CHECK(ill.changes("pfpfpf") == "1: unknown to pass, 6: pass to warn (flaps)");
  CHECK(ill.changes("pppppppppppppp") == "");
  CHECK(ill.changes("pppp") == "24: warn to pass");
  CHECK_FALSE(ill.health().is_flapping());
}

TEST_CASE("since tells when the status became what it is", "[component_health]") {
  patient ill;
  ill.changes("ppppfff");
  CHECK(ill.health().since() == first_moment + 7s);
}

TEST_CASE("further answers decide while the last one differs from the status",
          "[component_health]") {
  patient ill;
  ill.changes("p");
  CHECK_FALSE(ill.health().is_undecided());
  ill.changes("f");
  CHECK(ill.health().is_undecided());
  ill.changes("ff");
  CHECK_FALSE(ill.health().is_undecided());
}
