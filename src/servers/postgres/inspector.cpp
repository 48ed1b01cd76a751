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

using detail::postgres_session;
using tables = std::vector<std::pair<std::string, std::string>>;

// Each costs a round trip, and statements over more tables than this are told without their facts.
constexpr std::size_t most_tables = 8;

tables tables_of(const nlohmann::json& plan) {
  tables found;
  detail::for_each_table(plan, [&](const std::string& schema, const std::string& relation) {
    const std::pair one{schema, relation};
    if (std::ranges::find(found, one) == found.end()) found.push_back(one);
  });
  if (found.size() > most_tables) found.resize(most_tables);
  return found;
}

/// A read-only transaction in which nothing lasts long, with a prepared statement; both are gone with it.
class plan_transaction {
 public:
  plan_transaction(postgres_session& session, server_inspector::deadline until)
      : session_{session}, until_{until} {
    session_.execute(
        "begin read only; set local statement_timeout = '400ms'; set local lock_timeout = '100ms'; "
        "set local plan_cache_mode = force_generic_plan",
        until_);
  }
  ~plan_transaction() {
    try {
      session_.execute("rollback; deallocate all", until_);
    } catch (const plan_error&) {
      return;  // the connection is gone, and with it the transaction
    }
  }
  plan_transaction(const plan_transaction&) = delete;
  plan_transaction& operator=(const plan_transaction&) = delete;

  [[nodiscard]] nlohmann::json plan_of(const std::string& statement) {
    const int parameters = session_.prepare("querytap_explained", statement, until_);
    std::string explain = "explain (verbose, format json) execute querytap_explained";
    for (int i = 0; i < parameters; ++i) explain += i == 0 ? "(null" : ", null";
    if (parameters > 0) explain += ')';
    const auto answer = session_.query(explain, {}, until_);
    return detail::parsed_plan(PQgetvalue(answer.get(), 0, 0));
  }

 private:
  postgres_session& session_;
  const server_inspector::deadline until_;
};

}  // namespace

class postgres_inspector::state {
 public:
  explicit state(const std::string& connection_string)
      : address{detail::address_in(connection_string)}, session{connection_string} {}

  const detail::postgres_address address;
  postgres_session session;
};

postgres_inspector::postgres_inspector(const std::string& connection_string)
    : state_{std::make_unique<state>(connection_string)} {}

postgres_inspector::~postgres_inspector() = default;

bool postgres_inspector::serves(const call_report& call) const {
  return call.system == database_systems::postgresql.name && state_->address.is_that_of(call);
}

explained_statement postgres_inspector::explain(const call_report& call, deadline until) {
  const std::string statement = detail::with_parameters(detail::explainable(call));
  plan_transaction transaction{state_->session, until};
  const nlohmann::json plan = transaction.plan_of(statement);
  detail::postgres_facts known = detail::facts_of(state_->session, tables_of(plan), until);
  const auto to_string = [&](const std::string& schema, const std::string& relation) {
    const auto found = known.names.find({schema, relation});
    return found == known.names.end() ? relation : found->second;
  };
  return {detail::plan_of(plan, to_string), std::move(known.facts)};
}

server_wait postgres_inspector::wait_of(const call_report& call, deadline until) {
  return detail::wait_of(state_->session, call, until);
}

}  // namespace querytap
