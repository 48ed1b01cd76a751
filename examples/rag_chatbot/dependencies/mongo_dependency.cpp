#include <querytap/servers/mongodb/mongodb_collector.hpp>
#include <querytap/servers/mongodb/mongodb_probe.hpp>

#include <rag_chatbot/dependencies/dependencies.hpp>

#include <string_view>

namespace rag_chatbot {
namespace {

/// Of `mongodb://HOST:PORT` and nothing else: of addresses with users or several hosts, the driver alone makes sense.
querytap::mongodb_address address_in(std::string_view uri) {
  constexpr std::string_view scheme = "mongodb://";
  if (uri.starts_with(scheme)) uri.remove_prefix(scheme.size());
  const std::string_view server = uri.substr(0, uri.find('/'));
  if (server.find_first_of("@,") != std::string_view::npos) {
    throw std::invalid_argument{"not one host and its port"};
  }
  const address parsed = parse_address(server);
  return {.host = parsed.host, .port = parsed.port};
}

}  // namespace

void add_mongo(const options& chosen, dependencies& all) {
  querytap::mongodb_address server;
  try {
    server = address_in(chosen.mongo);
  } catch (const std::invalid_argument&) {
    return;
  }
  all.health.checks.push_back({.component = "mongodb",
                               .needed_for = "remembering conversations",
                               .probe = std::make_shared<querytap::mongodb_probe>(
                                   querytap::mongodb_probe_options{.server = server}),
                               .traffic = {{"db.system.name", "mongodb"}}});
  all.collectors.sources.push_back(std::make_shared<querytap::mongodb_collector>(
      querytap::mongodb_collector_options{.server = server}));
}

}  // namespace rag_chatbot
