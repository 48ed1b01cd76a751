#include <rag_chatbot/store/postgres_store.hpp>

#include <stdexcept>

// Compiled in place of postgres_store.cpp where libpqxx is not installed.
namespace rag_chatbot {

std::unique_ptr<store> open_postgres_store(querytap::recorder&, const std::string&,
                                           const store_options&) {
  throw std::runtime_error{"built without PostgreSQL: install libpqxx-dev and build again"};
}

}  // namespace rag_chatbot
