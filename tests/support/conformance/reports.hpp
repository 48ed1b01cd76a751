#pragma once

#include <querytap/calls/request.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <support/conformance/registrar.hpp>
#include <support/conformance/service.hpp>
#include <support/exported.hpp>

namespace querytap::testing::conformance {

/// Slow and running calls are reported, and nothing that an application sends is in what is
/// exported.
template <client Client>
void promise_reports(const registrar& kit) {
  using namespace std::chrono_literals;

  kit.promise("a slow call is reported with its statement, line, rows and server", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service{{.slow_threshold = 20ms}};
      const code_location site = code_location::current();
      service.read_for(30ms, way, 3, site);
      const call_report report = service.report(report_reason::slow);
      CHECK(report.statement->text == way.statement);
      CHECK(report.duration == 30ms);
      CHECK(report.threshold == 20ms);
      CHECK(report.phases.total() == report.duration);
      CHECK(report.phases[phase::execute] == report.duration);
      if (Client::can.rows) CHECK(report.rows == 3);
      CHECK(report.error_type.empty());
      CHECK(report.parameters.empty());
      CHECK(is_site(report.site, site));
      attributes server{{"db.system.name", report.system}};
      if (!report.database.empty()) server.set({"db.namespace", report.database});
      if (!report.server_address.empty()) server.set({"server.address", report.server_address});
      if (report.server_port != 0) server.set({"server.port", report.server_port});
      CHECK(server == Client::labels());
    });
  });

  kit.promise("a call within the threshold is not reported", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service{{.slow_threshold = 20ms}};
      service.read_for(19ms, way, 3);
      CHECK(service.telemetry.recorder().collect().call_reports.empty());
    });
  });

  kit.promise("a call that still runs is reported as running", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service{{.slow_threshold = 20ms}};
      query_watch watch{service.telemetry.recorder(), {.interval = 1h}};
      const code_location site = code_location::current();
      service.read(
          way, 3,
          [&] {
            service.telemetry.time().advance(30ms);
            watch.look();
          },
          site);
      const call_report running = service.report(report_reason::running);
      CHECK(running.statement->text == way.statement);
      CHECK(running.duration == 30ms);
      CHECK(running.phases[phase::execute] == running.duration);
      CHECK(is_site(running.site, site));
      CHECK(service.report(report_reason::slow).duration >= running.duration);
    });
  });

  kit.promise("values are described by kind and size, only where the option says so", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service{{.slow_threshold = 20ms, .describe_parameters = true}};
      service.read_for(30ms, way, 3);
      CHECK(service.report(report_reason::slow).parameters == way.parameters);
    });
  });

  kit.promise("no literal, value, credential or message of the server leaves", [] {
    // A clock that runs: each call is slow, and reported.
    recorder recorder{{.service_name = "test", .slow_request = 0ns}};
    Client client{recorder, {.slow_threshold = 1ns, .describe_parameters = true}};
    {
      const request request{recorder, "POST /chat"};
      client.send_secret("canary");
    }
    const auto texts = exported_texts(recorder.collect());
    CHECK(texts.size() > 3);
    for (const std::string& exported : texts) {
      CAPTURE(exported);
      CHECK(exported.find("canary") == std::string::npos);
    }
  });
}

}  // namespace querytap::testing::conformance
