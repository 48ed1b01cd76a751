#include <querytap/servers/redis/redis_collector.hpp>
#include <querytap/servers/redis/redis_probe.hpp>

#include <rag_chatbot/dependencies/dependencies.hpp>

namespace rag_chatbot {

void add_redis(const options& chosen, dependencies& all) {
  const querytap::redis_address server{.host = chosen.redis.host, .port = chosen.redis.port};
  all.health.checks.push_back({.component = "redis",
                               .needed_for = "answering from the cache",
                               .role = querytap::health_role::optional,
                               .probe = std::make_shared<querytap::redis_probe>(
                                   querytap::redis_probe_options{.server = server}),
                               .traffic = {{"db.system.name", "redis"}}});
  all.collectors.sources.push_back(std::make_shared<querytap::redis_collector>(
      querytap::redis_collector_options{.server = server}));
}

}  // namespace rag_chatbot
