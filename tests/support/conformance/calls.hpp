#pragma once

#include <querytap/calls/request.hpp>
#include <querytap/exporters/otlp/otlp_spans.hpp>
#include <querytap/recording/trace_scope.hpp>
#include <querytap/snapshot/exemplar.hpp>
#include <support/conformance/conventions.hpp>
#include <support/conformance/registrar.hpp>
#include <support/conformance/service.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace querytap::testing::conformance {

/// A call is counted, with its names, and visible while it runs.
template <client Client>
void promise_calls(const registrar& kit) {
  using namespace std::chrono_literals;

  kit.promise("a call is counted once, with its time", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service;
      service.telemetry.time().advance(1s);  // before the call
      service.read_for(30ms, way, 3);
      service.telemetry.time().advance(1s);  // and after it
      CHECK(service.operations() ==
            line(Client::read_labels(), "count=1 sum=0.03 (0.0287,0.0312]=1"));
      service.read(way, 1);
      service.client.write(code_location::current());
      CHECK(service.calls() == std::min(line(Client::read_labels(), "count=2"),
                                        line(Client::write_labels(), "count=1")) +
                                   '\n' +
                                   std::max(line(Client::read_labels(), "count=2"),
                                            line(Client::write_labels(), "count=1")));
    });
  });

  kit.promise_if(Client::can.rows, "rows are counted, 0 rows too, and a command returns none", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service;
      service.read(way, 3);
      service.read(way, 0);
      service.client.write(code_location::current());
      CHECK(service.returned_rows() ==
            line(Client::read_labels(), "count=2 sum=3 (0,0]=1 (2,3]=1"));
    });
  });

  kit.promise("a statement is exported by its text without literals", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service;
      service.read(way, 3);
      CHECK_THAT(service.telemetry.text_by_statement("db.client.operation.duration"),
                 Catch::StartsWith('"' + std::string{way.statement} + "\" "));
    });
  });

  kit.promise("names, units and attributes are those of the OpenTelemetry conventions", [] {
    service<Client> service;
    service.read(Client::ways().front(), 3);
    CHECK_THROWS(service.client.meet(trouble::refused, code_location::current()));
    attributes read = Client::labels();
    for (const attribute& label : Client::read_labels()) read.set(label);
    attributes refused = Client::labels();
    for (const attribute& label : labels_of(Client::ending_of(trouble::refused))) {
      refused.set(label);
    }
    const snapshot snapshot = service.telemetry.recorder().collect();
    const auto recorded = [&](std::string_view instrument) {
      auto points = merge_statements(snapshot.find(instrument));
      std::erase_if(points, [](const point& point) { return point.histogram->count() == 0; });
      return points;
    };
    const auto durations = recorded("db.client.operation.duration");
    REQUIRE(durations.size() == 2);
    for (const point& point : durations) {
      CHECK(point.series->instrument->unit == "s");
      const bool failed = point.series->labels.find("error.type") != nullptr;
      CHECK(point.series->labels == (failed ? refused : read));
    }
    if constexpr (Client::can.rows) {
      const auto rows = recorded("db.client.response.returned_rows");
      REQUIRE(rows.size() == 1);
      CHECK(rows[0].series->instrument->unit == "{row}");
      CHECK(rows[0].series->labels == read);
    }
    const ending ending = Client::ending_of(trouble::refused);
    if (!ending.status_code.empty()) CHECK(ending.status_code == ending.error_type);
  });

  kit.promise("whatever is exported of it differs in nothing from the OpenTelemetry conventions",
              [] {
                service<Client> service;
                {
                  const request chat{service.telemetry.recorder(), "POST /chat"};
                  for (const way<Client>& way : Client::ways()) service.read(way, 3);
                  service.client.write(code_location::current());
                  CHECK_THROWS(service.client.meet(trouble::refused, code_location::current()));
                  if constexpr (transactional_client<Client>) service.client.transact(true, [] {});
                }
                CHECK_THROWS(Client::connect_in_vain(service.telemetry.recorder()));
                const snapshot snapshot = service.telemetry.recorder().collect();
                CHECK(deviations_from_conventions(snapshot) == std::vector<std::string>{});
                std::size_t calls = 0;
                for (const span_record& span : to_spans(service.telemetry.last_request())) {
                  if (span.kind == span_kind::server) continue;
                  CHECK(deviations_from_conventions(span) == std::vector<std::string>{});
                  ++calls;
                }
                CHECK(calls >= Client::ways().size() + 2);
              });

  kit.promise("a call is in flight while it runs, with its age and line, and no longer", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service;
      const auto active = [&] { return service.telemetry.text("querytap.operation.active"); };
      const code_location site = code_location::current();
      bool was_seen = false;
      service.read(
          way, 3,
          [&] {
            service.telemetry.time().advance(20ms);
            const auto calls = service.telemetry.recorder().collect().active;
            was_seen = calls.size() == 1 && calls[0].statement != nullptr &&
                       calls[0].statement->text == way.statement && calls[0].age == 20ms &&
                       is_site(calls[0].site, site);
            CHECK(active() == system_label<Client>() + " value=1");
          },
          site);
      CHECK(was_seen);
      CHECK(service.telemetry.recorder().collect().active.empty());
      CHECK(active() == system_label<Client>() + " value=0");
    });
  });

  kit.promise("by the clock of the process, a call takes the time that its caller sees", [] {
    using std::chrono::steady_clock;
    recorder recorder{{.service_name = "test"}};
    Client client{recorder, {}};
    steady_clock::duration inside{};
    client.run_during_next_read([&] {
      const auto begin = steady_clock::now();
      static_cast<void>(recorder.collect());
      inside = steady_clock::now() - begin;
    });
    const auto begin = steady_clock::now();
    (client.*Client::ways().front().read)(3, code_location::current());
    const auto outside = steady_clock::now() - begin;
    const auto points = recorder.collect().find("db.client.operation.duration");
    REQUIRE(points.size() == 1);
    // A thousandth, as two clocks may run at slightly different rates.
    const auto recorded = std::chrono::nanoseconds{points[0].histogram->sum()};
    CHECK(inside > 0ns);
    CHECK(recorded >= inside - inside / 1000);
    CHECK(recorded <= outside + outside / 1000);
  });

  kit.promise("a call in a sampled trace leaves an exemplar", [] {
    in_each_way<Client>([](const way<Client>& way) {
      service<Client> service;
      const auto trace =
          trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
      {
        const trace_scope scope{*trace};
        service.read_for(30ms, way, 3);
      }
      recorder& recorder = service.telemetry.recorder();
      auto points = recorder.collect().find("db.client.operation.duration");
      // A call of several phases has a point of its own.
      std::erase_if(points, [](const point& point) { return point.histogram->count() == 0; });
      REQUIRE(points.size() == 1);
      REQUIRE(points[0].histogram->exemplars().size() == 1);
      CHECK(points[0].histogram->exemplars()[0].trace == *trace);
      CHECK(points[0].histogram->exemplars()[0].value == 30'000'000);
    });
  });

  kit.promise("switched off, calls work as before and nothing is recorded", [] {
    service<Client> service{{}, {.disabled = true}};
    bool ran = false;
    in_each_way<Client>([&](const way<Client>& way) {
      ran = false;
      service.read(way, 3, [&] { ran = true; });
      CHECK(ran);
    });
    service.client.write(code_location::current());
    CHECK_THROWS(service.client.meet(trouble::refused, code_location::current()));
    const snapshot snapshot = service.telemetry.recorder().collect();
    CHECK(snapshot.metrics.empty());
    CHECK(snapshot.call_reports.empty());
  });
}

}  // namespace querytap::testing::conformance
