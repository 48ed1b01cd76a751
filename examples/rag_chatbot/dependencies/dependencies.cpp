#include <rag_chatbot/dependencies/dependencies.hpp>

#include <querytap/servers/host/descriptor_probe.hpp>
#include <querytap/servers/host/disk_space_probe.hpp>
#include <querytap/servers/host/host_collector.hpp>
#include <querytap/servers/host/pool_probe.hpp>
#include <querytap/servers/host/process_collector.hpp>
#include <querytap/servers/sqlite/sqlite_collector.hpp>
#include <querytap/servers/sqlite/sqlite_probe.hpp>

namespace rag_chatbot {
namespace {

using querytap::health_role;

void add_sqlite(const std::filesystem::path& file, dependencies& all) {
  all.health.checks.push_back({.component = "sqlite",
                               .needed_for = "finding passages",
                               .probe = std::make_shared<querytap::sqlite_probe>(
                                   querytap::sqlite_probe_options{.path = file.string()}),
                               .traffic = {{"db.system.name", "sqlite"}},
                               .always_probes = true});
  all.collectors.sources.push_back(std::make_shared<querytap::sqlite_collector>(file.string()));
}

std::string existing_folder(const std::filesystem::path& wanted) {
  return std::filesystem::exists(wanted) ? wanted.string() : ".";
}

void add_process(const options& chosen, querytap::recorder& recorder, dependencies& all) {
  all.health.checks.push_back(
      {.component = "disk",
       .needed_for = "storing conversations",
       .role = health_role::optional,
       .probe = std::make_shared<querytap::disk_space_probe>(
           querytap::disk_space_probe_options{.path = existing_folder(chosen.scratch)})});
  all.health.checks.push_back({.component = "descriptors",
                               .needed_for = "connections",
                               .role = health_role::optional,
                               .probe = std::make_shared<querytap::descriptor_probe>()});
  all.health.checks.push_back({.component = "pool",
                               .needed_for = "all queries",
                               .role = health_role::optional,
                               .probe = std::make_shared<querytap::pool_probe>(
                                   recorder, querytap::pool_probe_options{.pool = "chatbot"})});
  all.collectors.sources.push_back(std::make_shared<querytap::process_collector>());
  all.collectors.sources.push_back(std::make_shared<querytap::host_collector>());
}

}  // namespace

dependencies dependencies_of(const options& chosen, const std::filesystem::path& sqlite_file,
                             store& library, querytap::recorder& recorder) {
  dependencies all;
  if (chosen.backend == backend_kind::postgres) {
    add_postgres(chosen, all);
  } else {
    add_sqlite(sqlite_file, all);
  }
  if (chosen.cache == cache_kind::redis) add_redis(chosen, all);
  if (chosen.vectors == vectors_kind::chroma) add_chroma(chosen, library, all);
  if (chosen.history == history_kind::mongo) add_mongo(chosen, all);
  if (!chosen.model.empty()) add_model(chosen, all);
  add_process(chosen, recorder, all);
  return all;
}

}  // namespace rag_chatbot
