#include <querytap/servers/postgres.hpp>

#include "../common/explainable.hpp"
#include "address.hpp"
#include "catalog_facts.hpp"
#include "plan_json.hpp"
#include "session.hpp"
#include "waits.hpp"

#include <querytap/base/database_system.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace querytap {
namespace {

// Each table costs a round trip. Of a statement over more tables, the facts of the first ones are
// reported.
constexpr std::size_t most_planned_tables = 8;

std::vector<std::pair<std::string, std::string>> tables_of_plan(const nlohmann::json& plan) {
  std::vector<std::pair<std::string, std::string>> found;
  detail::for_each_table(plan, [&](const std::string& schema, const std::string& relation) {
    const std::pair table{schema, relation};
    if (std::ranges::find(found, table) == found.end()) found.push_back(table);
  });
  if (found.size() > most_planned_tables) found.resize(most_planned_tables);
  return found;
}

/// A read-only transaction with short time limits and a prepared statement. Its destructor ends the
/// transaction and removes the statement.
class plan_transaction {
 public:
  plan_transaction(detail::postgres_session& session, server_inspector::deadline until)
      : session_{session}, deadline_{until} {
    session_.execute(
        "begin read only; set local statement_timeout = '400ms'; set local lock_timeout = '100ms'; "
        "set local plan_cache_mode = force_generic_plan",
        deadline_);
  }
  ~plan_transaction() {
    try {
      session_.execute("rollback; deallocate all", deadline_);
    } catch (const plan_error&) {
      return;  // the connection was lost, which ends the transaction as well
    }
  }
  plan_transaction(const plan_transaction&) = delete;
  plan_transaction& operator=(const plan_transaction&) = delete;

  [[nodiscard]] nlohmann::json plan_of(const std::string& statement) {
    const int parameters = session_.prepare("querytap_explained", statement, deadline_);
    std::string explain = "explain (verbose, format json) execute querytap_explained";
    for (int i = 0; i < parameters; ++i) explain += i == 0 ? "(null" : ", null";
    if (parameters > 0) explain += ')';
    const auto answer = session_.query(explain, {}, deadline_);
    return detail::parsed_plan(PQgetvalue(answer.get(), 0, 0));
  }

 private:
  detail::postgres_session& session_;
  const server_inspector::deadline deadline_;
};

}  // namespace

class postgres_inspector::state {
 public:
  explicit state(const std::string& connection_string)
      : address{detail::address_in(connection_string)}, session{connection_string} {}

  const detail::postgres_address address;
  detail::postgres_session session;
};

postgres_inspector::postgres_inspector(const std::string& connection_string)
    : state_{std::make_unique<state>(connection_string)} {}

postgres_inspector::~postgres_inspector() = default;

bool postgres_inspector::serves(const call_report& call) const {
  return call.system == database_systems::postgresql.name && state_->address.serves(call);
}

explained_statement postgres_inspector::explain(const call_report& call, deadline until) {
  const std::string statement = detail::with_parameters(detail::explainable(call));
  plan_transaction transaction{state_->session, until};
  const nlohmann::json plan = transaction.plan_of(statement);
  detail::postgres_facts catalog = detail::facts_of(state_->session, tables_of_plan(plan), until);
  const auto table_name = [&](const std::string& schema, const std::string& relation) {
    const auto found = catalog.names.find({schema, relation});
    return found == catalog.names.end() ? relation : found->second;
  };
  return {detail::plan_of(plan, table_name), std::move(catalog.facts)};
}

server_wait postgres_inspector::wait_of(const call_report& call, deadline until) {
  return detail::wait_of(state_->session, call, until);
}

}  // namespace querytap
