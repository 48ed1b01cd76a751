// The one file of the program that compiles querytap's sources.

#define QUERYTAP_IMPLEMENTATION
#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>
#include <querytap/runtime/pools/pool_keeper.hpp>

#include <cstdio>

std::uint64_t add_documents(querytap::recorder& recorder);  // store.cpp

int main() {
  querytap::recorder recorder{{.service_name = "header_only"}};
  querytap::scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  querytap::otlp_exporter exporter{recorder, {.endpoint = "http://127.0.0.1:1"}};
  const std::uint64_t calls = add_documents(recorder);
  std::printf("%llu calls\n", static_cast<unsigned long long>(calls));
  return calls == 3 ? 0 : 1;
}
