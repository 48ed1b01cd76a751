#include <querytap/servers/postgres.hpp>

#include "../common/explainable.hpp"
#include "../common/explained_text.hpp"
#include "../common/plan_basis.hpp"
#include "address.hpp"
#include "catalog_facts.hpp"
#include "parameter_types.hpp"
#include "plan_json.hpp"
#include "session.hpp"
#include "waits.hpp"

#include <querytap/base/database_system.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

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
        "set local plan_cache_mode = force_generic_plan; savepoint querytap_explained",
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

  /// The plan of a text whose parameters get the types that the server needs.
  [[nodiscard]] nlohmann::json plan_of(detail::explained_text text) {
    detail::parameter_types types{text};
    for (;;) {
      try {
        return plan_of(text.written('$'));
      } catch (const detail::refused_statement& refused) {
        const bool has_no_index = refused.state() == "42P10" && text.remove_conflict_clauses();
        const bool is_changed =
            has_no_index || types.change(refused.state(), refused.position(), refused.parameter());
        if (!is_changed) throw;
      }
      undo();
    }
  }

  /// The plan of a text of the application's own; nothing if the server refuses it.
  [[nodiscard]] std::optional<nlohmann::json> plan_if_accepted(const std::string& statement) {
    try {
      return plan_of(statement);
    } catch (const detail::refused_statement&) {
      undo();
      return std::nullopt;
    }
  }

  /// How many parameters the statement had whose plan was read last.
  [[nodiscard]] int parameters() const noexcept { return parameters_; }
  [[nodiscard]] bool has_pruned_partitions() const noexcept { return has_pruned_partitions_; }

 private:
  [[nodiscard]] nlohmann::json plan_of(const std::string& statement) {
    parameters_ = session_.prepare("querytap_explained", statement, deadline_);
    nlohmann::json plan = explained();
    if (parameters_ == 0 || !detail::has_removed_subplans(plan)) return plan;
    // NULL lies in no partition: the plan would be one of an empty table.
    has_pruned_partitions_ = true;
    session_.execute("set local enable_partition_pruning = off; discard plans", deadline_);
    return explained();
  }

  /// After a refusal. A prepared statement outlives its transaction.
  void undo() { session_.execute("rollback to querytap_explained; deallocate all", deadline_); }

  [[nodiscard]] nlohmann::json explained() {
    std::string explain = "explain (verbose, format json) execute querytap_explained";
    for (int i = 0; i < parameters_; ++i) explain += i == 0 ? "(null" : ", null";
    if (parameters_ > 0) explain += ')';
    const auto answer = session_.query(explain, {}, deadline_);
    return detail::parsed_plan(PQgetvalue(answer.get(), 0, 0));
  }

  detail::postgres_session& session_;
  const server_inspector::deadline deadline_;
  int parameters_ = 0;
  bool has_pruned_partitions_ = false;
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
  const detail::explained_text text = detail::explained_text_of(
      detail::explainable(call), dialect::postgresql, detail::returned_rows_of(call));
  const std::optional<std::string> running = detail::running_text(state_->session, call, until);
  plan_transaction transaction{state_->session, until};
  std::optional<nlohmann::json> plan;
  if (running) plan = transaction.plan_if_accepted(*running);
  detail::plan_basis basis{.is_running_text = plan.has_value()};
  if (!plan) {
    plan = transaction.plan_of(text);
    basis.assumed_limit = text.assumed_limit;
    basis.assumes_no_offset = text.assumes_no_offset;
    basis.assumes_conditions = text.assumes_conditions;
  }
  basis.parameters = transaction.parameters();
  basis.has_pruned_partitions = transaction.has_pruned_partitions();
  detail::postgres_facts catalog = detail::facts_of(state_->session, tables_of_plan(*plan), until);
  const auto table_name = [&](const std::string& schema, const std::string& relation) {
    const auto found = catalog.names.find({schema, relation});
    return found == catalog.names.end() ? relation : found->second;
  };
  query_plan read = detail::plan_of(*plan, table_name);
  read.is_generic = basis.is_generic();
  read.is_of_one_call = basis.is_running_text;
  read.assumes_conditions = basis.assumes_conditions;
  basis.plan_log = std::move(catalog.plan_log);
  read.note = basis.text();
  return {std::move(read), std::move(catalog.facts)};
}

server_wait postgres_inspector::wait_of(const call_report& call, deadline until) {
  return detail::wait_of(state_->session, call, until);
}

}  // namespace querytap
