#include <querytap/servers/postgres/postgres_collector.hpp>
#include <querytap/servers/postgres/postgres_probe.hpp>

#include <rag_chatbot/dependencies/dependencies.hpp>

namespace rag_chatbot {

// The report shows the server's statements right after the load: they are read more often than usual.
void add_postgres(const options& chosen, dependencies& all) {
  all.health.checks.push_back(
      {.component = "postgres",
       .needed_for = "finding passages",
       .probe = std::make_shared<querytap::postgres_probe>(
           querytap::postgres_probe_options{.connection_string = chosen.connection}),
       .traffic = {{"db.system.name", "postgresql"}}});
  all.collectors.sources.push_back(
      std::make_shared<querytap::postgres_collector>(querytap::postgres_collector_options{
          .connection_string = chosen.connection, .statement_interval = std::chrono::seconds{1}}));
}

}  // namespace rag_chatbot
