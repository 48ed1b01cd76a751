#include <querytap/querytap.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/servers/host/host_collector.hpp>
#include <querytap/servers/host/process_collector.hpp>
#include <querytap/servers/postgres/postgres_collector.hpp>

// [readme]
querytap::collectors_options sources(const std::string& connection_string) {
  querytap::postgres_collector_options server;
  server.connection_string = connection_string;  // host=db dbname=chat user=watcher
  return {.sources = {std::make_shared<querytap::process_collector>(),
                      std::make_shared<querytap::host_collector>(),
                      std::make_shared<querytap::postgres_collector>(server)}};
}

void serve(querytap::recorder& recorder) {
  const querytap::collectors servers{recorder, sources("host=db dbname=chat user=watcher")};
  // … until the service ends
}
// [/readme]
