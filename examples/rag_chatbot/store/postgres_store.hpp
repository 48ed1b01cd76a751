#pragma once

#include <querytap/recording/recorder.hpp>
#include <querytap/servers/server_inspector.hpp>

#include <rag_chatbot/store/store.hpp>
#include <rag_chatbot/store/store_options.hpp>

#include <memory>
#include <string>

namespace rag_chatbot {

/// The store in a PostgreSQL database; its tables are made if they do not exist. Words are searched
/// in a tsvector with a GIN index; vectors are stored as bytea and searched by the caller, since
/// plain PostgreSQL has no vector index.
[[nodiscard]] std::unique_ptr<store> open_postgres_store(querytap::recorder& recorder,
                                                         const std::string& connection_string,
                                                         const store_options& options = {});

/// Gives the plans of its slow queries.
[[nodiscard]] std::shared_ptr<querytap::server_inspector> postgres_store_plans(
    const std::string& connection_string);

}  // namespace rag_chatbot
