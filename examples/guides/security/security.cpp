// What others may read, and what never leaves the process.
//
//     $ build/examples/guide_security
//     refused: listen is not protected
//     with a token it listens
//     select born from patients where name = ? and born < ?  []
//     insert into patients values (?, ?)  [text(12), integer]
//     create table patients(name text, born integer)  []
//     a stranger asks for /metrics  200
//     a stranger asks for /         403
//     a stranger asks for /slow     403

#include <querytap/base/error.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/pages/pages.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace std::chrono_literals;

void refuse_without_protection(querytap::recorder& recorder) {
  // [guide]
  try {
    querytap::scrape_endpoint open{recorder, {.listen = "0.0.0.0:0"}};
  } catch (const querytap::configuration_error& error) {
    fmt::print("refused: {} is not protected\n", error.option());
  }
  // [/guide]
}

void protect(querytap::recorder& recorder, const std::string& token) {
  // [guide]
  querytap::scrape_endpoint endpoint{recorder,
                                     {.listen = "0.0.0.0:0",
                                      .bearer_token = token,
                                      .allowed_addresses = {"127.0.0.1", "10.0.0.0/8"}}};
  // [/guide]
  fmt::print("with a token it listens\n");
}

int status_for_a_stranger(querytap::pages& pages, std::string_view path) {
  return pages.respond({.method = "GET", .path = path, .trusted = false}).status;
}

}  // namespace

int main() {
  querytap::recorder recorder{{.service_name = "clinic"}};
  refuse_without_protection(recorder);
  protect(recorder, "a token from a file or a secret store");

  // [guide]
  querytap::sqlite::connection db{recorder,
                                  ":memory:",
                                  {.slow_threshold = 1ns,  // every call gets a report
                                   .describe_parameters = true}};
  db.exec("create table patients(name text, born integer)");
  db.prepare("insert into patients values (?, ?)").run("Ada Lovelace", 1815);
  db.exec("select born from patients where name = 'Ada Lovelace' and born < 1900");

  for (const auto& report : recorder.collect().call_reports) {
    fmt::print("{}  [{}]\n", report->statement->text, report->parameters);
  }
  // [/guide]

  querytap::pages pages{recorder};
  for (const char* path : {"/metrics", "/", "/slow"}) {
    fmt::print("a stranger asks for {:<9} {}\n", path, status_for_a_stranger(pages, path));
  }
}
