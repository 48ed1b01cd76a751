#include <rag_chatbot/store/postgres_store.hpp>

#include <stdexcept>

// Compiled in place of postgres_store.cpp where libpqxx is not installed.
namespace rag_chatbot {
namespace {

[[noreturn]] void refuse() {
  throw std::runtime_error{"built without PostgreSQL: install libpqxx-dev and build again"};
}

}  // namespace

std::unique_ptr<store> open_postgres_store(querytap::recorder&, const std::string&,
                                           const store_options&) {
  refuse();
}

std::shared_ptr<querytap::server_inspector> postgres_store_plans(const std::string&) { refuse(); }

}  // namespace rag_chatbot
