// In the child of a fork an exporter goes on, and nothing is sent twice.

#include <querytap/recording/recorder.hpp>

#include <support/fork.hpp>
#include <unit/runtime/otlp/otlp_collector.hpp>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

TEST_CASE("an exporter from before a fork works in the child, and sends nothing of the parent's") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{recorder, options_for(collector)};
  CHECK(exporter.send(log_record{.body = "of the parent"}));
  CHECK(exit_code_of_child([&] {
          return exporter.send(log_record{.body = "of the child"}) && exporter.shutdown(10s) &&
                 exporter.dropped().empty();
        }) == 0);
  const auto of_child = collector.requests();
  CHECK(count_by_path(of_child) == "/v1/logs=1 /v1/metrics=1 ");
  CHECK(exporter.shutdown(10s));
  const auto all = collector.requests();
  CHECK(count_by_path(all) == "/v1/logs=2 /v1/metrics=2 ");
  int parents = 0;
  int children = 0;
  for (const received_request& request : all) {
    parents += request.body.find("of the parent") != std::string::npos;
    children += request.body.find("of the child") != std::string::npos;
  }
  CHECK(parents == 1);
  CHECK(children == 1);
  CHECK(instances(all).size() == 2);
}

TEST_CASE("an exporter made in the child of a fork works") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  CHECK(exit_code_of_child([&] {
          otlp_exporter exporter{recorder, options_for(collector)};
          return exporter.flush(10s);
        }) == 0);
  CHECK(count_by_path(collector.requests()) == "/v1/metrics=2 ");
}

TEST_CASE("forks amid requests and records leave children that work and end") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter_options options = options_for(collector);
  options.interval = 1ms;
  otlp_exporter exporter{recorder, options};
  int failed = 0;
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(exporter.send(log_record{.body = "of the parent"}));
    failed += exit_code_of_child([&] { return exporter.shutdown(10s); }) != 0;
  }
  CHECK(failed == 0);
  CHECK(exporter.shutdown(10s));
}

TEST_CASE("a child that ends without a shutdown does not harm the parent's connection") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{recorder, options_for(collector)};
  CHECK(exporter.flush(10s));
  CHECK(exit_code_of_child([] { return true; }) == 0);
  CHECK(exporter.flush(10s));
  CHECK(collector.requests().size() == 2);
}
