#pragma once

#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/runtime/health/health.hpp>

#include <rag_chatbot/options.hpp>
#include <rag_chatbot/store/store.hpp>

namespace rag_chatbot {

/// What the chatbot depends on: how each one is asked whether it is well, and what it knows of itself.
struct dependencies {
  querytap::health_options health;
  querytap::collectors_options collectors;
};

[[nodiscard]] dependencies dependencies_of(const options& chosen,
                                           const std::filesystem::path& sqlite_file, store& library,
                                           querytap::recorder& recorder);

// Of one backend each; nothing is added where its library is not installed.
void add_postgres(const options& chosen, dependencies& all);
void add_redis(const options& chosen, dependencies& all);
void add_chroma(const options& chosen, store& library, dependencies& all);
void add_mongo(const options& chosen, dependencies& all);
void add_model(const options& chosen, dependencies& all);

}  // namespace rag_chatbot
