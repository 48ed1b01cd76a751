// A service that says how it is: what it depends on, since when, why, and what to do.
//
//     $ build/examples/guides/guide_health
//     GET /readyz          200 ok
//     GET /readyz          503 not ok
//     unhealthy: index, which is needed for answers, fails: the index has 0 passages
//       what to do: load the passages again
//     GET /livez           200 ok
//     GET /readyz?verbose  503 [-]index failed: the index has 0 passages
//     not ok
//     GET /readyz          200 ok
//     recovered: index, which is needed for answers, is well again

#include <querytap/querytap.hpp>
#include <querytap/runtime/health/health.hpp>
#include <querytap/runtime/pages/pages.hpp>

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

namespace {

using namespace std::chrono_literals;

void show(querytap::pages& pages, std::string_view path) {
  const auto reply = pages.respond({.method = "GET", .path = path, .trusted = true});
  fmt::print("{:20} {} {}", fmt::format("GET {}", path), reply.status, reply.body);
}

void wait_until(const querytap::health& health, querytap::health_status wanted) {
  while (health.reports()[0].status != wanted) std::this_thread::sleep_for(1ms);
}

void show_newest_finding(querytap::recorder& recorder) {
  const auto newest = recorder.collect().findings.at(0);
  // Without how long it lasted.
  fmt::print("{}: {}\n", to_string(newest->kind),
             newest->message.substr(0, newest->message.find(", after")));
  if (!newest->advice.empty()) fmt::print("  what to do: {}\n", newest->advice);
}

}  // namespace

int main() {
  querytap::recorder recorder{{.service_name = "chatbot"}};
  std::atomic<int> passages{12};

  // [guide]
  const auto index = querytap::make_probe([&](querytap::health_probe::deadline) {
    const bool is_well = passages > 0;
    return querytap::health_answer{
        {{.name = "passages",
          .status = is_well ? querytap::health_status::pass : querytap::health_status::fail,
          .value = passages,
          .unit = "{passage}",
          .reason = is_well ? "" : fmt::format("the index has {} passages", passages.load()),
          .advice = is_well ? "" : "load the passages again"}}};
  });
  querytap::health health{
      recorder,
      {.checks = {
           {.component = "index", .needed_for = "answers", .probe = index, .interval = 40ms}}}};
  querytap::pages pages{recorder};  // or a scrape_endpoint, which has them
  // [/guide]

  wait_until(health, querytap::health_status::pass);
  show(pages, "/readyz");
  passages = 0;
  wait_until(health, querytap::health_status::fail);
  show(pages, "/readyz");
  show_newest_finding(recorder);
  show(pages, "/livez");  // a restart would not help
  show(pages, "/readyz?verbose");
  passages = 12;
  wait_until(health, querytap::health_status::pass);
  show(pages, "/readyz");
  show_newest_finding(recorder);
}
