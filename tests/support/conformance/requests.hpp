#pragma once

#include <querytap/base/exception_outcome.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/testing/checks.hpp>
#include <support/conformance/registrar.hpp>
#include <support/conformance/service.hpp>

#include <algorithm>

namespace querytap::testing::conformance {

/// A request knows the calls that were made within it.
template <client Client>
void promise_requests(const registrar& kit) {
  using namespace std::chrono_literals;

  kit.promise("the ledger of a request adds up", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service;
      {
        const request request{service.telemetry.recorder(), "POST /chat"};
        service.telemetry.time().advance(5ms);
        service.read_for(10ms, way, 3);
        service.read_for(20ms, way, 2);
        CHECK_THROWS(service.client.meet(trouble::refused, code_location::current()));
      }
      const request_report report = service.telemetry.last_request();
      CHECK(report.duration == 35ms);
      CHECK(report.application == 5ms);
      REQUIRE(report.backends.size() == 1);
      const backend_share& share = report.backends[0];
      CHECK(attribute_value{share.system} == *Client::labels().find("db.system.name"));
      CHECK(share.calls == 3);
      CHECK(share.errors == 1);
      if (Client::can.rows) CHECK(share.rows == 5);
      CHECK(share.phases.total() == 30ms);
      CHECK(report.duration == report.application + share.phases.total());
      REQUIRE(report.statements.size() == 3);  // the two reads stand on lines of their own
      CHECK(report.statements[0].statement->text == way.statement);
      CHECK(report.statements[0].time == 10ms);
    });
  });

  kit.promise("a request that a failed call ends fails with what the call failed with", [] {
    service<Client> service;
    const auto chat = [&] {
      const request request{service.telemetry.recorder(), "POST /chat"};
      service.client.meet(trouble::refused, code_location::current());
    };
    const ending ending = Client::ending_of(trouble::refused);
    outcome handled;
    try {
      chat();
    } catch (...) {
      handled = outcome_of_current_exception();
    }
    CHECK(handled.error_type() == ending.error_type);
    CHECK(handled.status_code() == ending.status_code);
    const request_report report = service.telemetry.last_request();
    CHECK(report.error_type == ending.error_type);
    const auto failed = std::ranges::find_if(report.calls, &request_call::failed);
    REQUIRE(failed != report.calls.end());
    CHECK(failed->error_type == ending.error_type);
    CHECK(failed->status_code == ending.status_code);
    const statement_share& share = report.statements[failed->statement];
    const attributes labels = Client::labels();
    const attribute_value* const database = labels.find("db.namespace");
    CHECK((database == nullptr || *database == attribute_value{share.database}));
    const attribute_value* const address = labels.find("server.address");
    CHECK((address == nullptr || *address == attribute_value{share.server_address}));
  });

  kit.promise("one call over and over from one line is an N+1", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service;
      const code_location site = code_location::current();
      {
        const request request{service.telemetry.recorder(), "POST /chat"};
        for (int rows = 1; rows <= 5; ++rows) service.read(way, rows, {}, site);
      }
      CHECK_FALSE(has_no_n_plus_one(service.telemetry.last_request()));
      const auto findings = service.telemetry.recorder().collect().findings;
      REQUIRE(findings.size() == 1);
      CHECK(findings[0]->kind == finding_kind::n_plus_one);
      CHECK(findings[0]->calls == 5);
      CHECK(is_site(findings[0]->site, site));
      {
        const request request{service.telemetry.recorder(), "POST /chat"};
        for (int rows = 1; rows <= 4; ++rows) service.read(way, rows, {}, site);
      }
      CHECK(has_no_n_plus_one(service.telemetry.last_request()));
    });
  });

  kit.promise("the same call with the same values in a request is a duplicate", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service;
      const code_location site = code_location::current();
      {
        const request request{service.telemetry.recorder(), "GET /people"};
        for (const int rows : {1, 2, 1}) service.read(way, rows, {}, site);
      }
      const auto findings = service.telemetry.recorder().collect().findings;
      REQUIRE(findings.size() == 1);
      CHECK(findings[0]->kind == finding_kind::duplicate);
      CHECK(findings[0]->calls == 1);
      CHECK(is_site(findings[0]->site, site));
    });
  });
}

}  // namespace querytap::testing::conformance
