#pragma once

#include <support/conformance/registrar.hpp>
#include <support/conformance/service.hpp>

#include <exception>
#include <typeinfo>

namespace querytap::testing::conformance {

/// One call that fails: its exception is the client's own, and its record and report name the
/// failure.
template <client Client>
[[nodiscard]] call_report check_trouble(trouble trouble) {
  using namespace std::chrono_literals;
  // A clock that runs: time limits and waits for locks are measured by it, too.
  recorder recorder{{.service_name = "test"}};
  Client client{recorder, {}};
  const ending expected = Client::ending_of(trouble);
  const code_location site = code_location::current();
  try {
    client.meet(trouble, site);
    FAIL("the call did not fail");
  } catch (const std::exception& error) {
    CHECK(std::type_index{typeid(error)} == expected.exception);
    CHECK_THAT(error.what(), Catch::Contains(expected.message));
  }
  CHECK(counted_calls<Client>(recorder) == line(labels_of(expected), "count=1"));
  const call_report report = last_report(recorder, expected.reason);
  CHECK(report.error_type == expected.error_type);
  CHECK(report.status_code == expected.status_code);
  CHECK(report.duration > 0ns);
  CHECK(report.phases.total() == report.duration);
  CHECK(is_site(report.site, site));
  return report;
}

/// A call that fails is counted once, under its error, and its exception arrives untouched.
template <client Client>
void promise_failures(const registrar& kit) {
  using namespace std::chrono_literals;

  kit.promise("a refused call is an error with its code, and its exception is untouched",
              [] { static_cast<void>(check_trouble<Client>(trouble::refused)); });
  kit.promise_if(Client::can.timeouts, "a call that a time limit ends is a timeout",
                 [] { static_cast<void>(check_trouble<Client>(trouble::timeout)); });
  kit.promise_if(Client::can.cancellation, "a call that is cancelled is reported as cancelled",
                 [] { static_cast<void>(check_trouble<Client>(trouble::cancelled)); });
  kit.promise_if(Client::can.locks,
                 "a call that waits for a lock in vain spent its time in lock_wait", [] {
                   const call_report report = check_trouble<Client>(trouble::lock);
                   CHECK(report.phases[phase::lock_wait] >= 10ms);
                   CHECK(report.phases[phase::lock_wait] >= report.duration / 2);
                 });
  kit.promise_if(Client::can.locks, "a wait for a lock is in the metric of phases, too", [] {
    service<Client> service;
    CHECK_THROWS(service.client.meet(trouble::lock, code_location::current()));
    CHECK_THAT(service.telemetry.text("querytap.operation.phase.duration"),
               Catch::Contains("querytap.phase=lock_wait count=1 "));
  });
  kit.promise_if(Client::can.lost_connections, "a connection lost in the middle is an error",
                 [] { static_cast<void>(check_trouble<Client>(trouble::lost_connection)); });
  kit.promise("a call that fails returned no rows, and the connection goes on", [] {
    service<Client> service;
    CHECK_THROWS(service.client.meet(trouble::refused, code_location::current()));
    CHECK(service.returned_rows().empty());
    CHECK(service.client.is_usable());
    service.read(Client::ways().front(), 1);
  });
}

}  // namespace querytap::testing::conformance
