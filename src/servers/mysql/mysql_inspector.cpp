#include <querytap/servers/mysql.hpp>

#include "../../analysis/plans/plan_shape.hpp"
#include "../common/explainable.hpp"
#include "../common/explained_text.hpp"
#include "../common/plan_basis.hpp"
#include "mysql_facts.hpp"
#include "mysql_plan_json.hpp"
#include "mysql_session.hpp"
#include "mysql_waits.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/error.hpp>

#include <unistd.h>

#include <optional>
#include <string>
#include <utility>

namespace querytap {
namespace {

// A value that every type of column can be compared with by an index.
constexpr std::string_view any_value = "'2001-01-01'";
// The same, which the server does not look at while it plans.
constexpr std::string_view hidden_value =
    "(select querytap_value.v from (select '2001-01-01' as v) querytap_value)";

std::string written_with(const detail::explained_text& text, std::string_view value) {
  std::string written = "explain format=json";
  for (const detail::explained_token& token : text.tokens) {
    if (token.is_after_blank || written.ends_with("json")) written += ' ';
    written += token.parameter == detail::explained_token::no_parameter
                   ? std::string_view{token.text}
                   : value;
  }
  return written;
}

/// A transaction in the call's database, read-only where the statement is. Its destructor rolls it back.
class mysql_plan_transaction {
 public:
  mysql_plan_transaction(detail::mysql_session& session, const call_report& call, bool follows_call,
                         server_inspector::deadline until)
      : session_{session}, deadline_{until} {
    if (follows_call && !call.database.empty()) use(call.database);
    // A strict server refuses to compare a number with what stands for it. Quotes that are left in a
    // sanitised text are those of names.
    std::string mode =
        "set sql_mode = replace(replace(@@global.sql_mode, 'STRICT_TRANS_TABLES', ''), "
        "'STRICT_ALL_TABLES', '')";
    const bool has_quoted_names = call.statement->text.find('"') != std::string::npos;
    if (has_quoted_names) mode = "set sql_mode = 'ANSI_QUOTES'";
    session_.query(mode, deadline_);
    session_.query("start transaction read only", deadline_);
  }
  ~mysql_plan_transaction() {
    try {
      session_.query("rollback", deadline_);
    } catch (const plan_error&) {
      return;  // the connection was lost, which ends the transaction as well
    }
  }
  mysql_plan_transaction(const mysql_plan_transaction&) = delete;
  mysql_plan_transaction& operator=(const mysql_plan_transaction&) = delete;

  [[nodiscard]] std::string explained(const std::string& statement) {
    const detail::mysql_rows rows = rows_of(statement);
    if (rows.empty() || rows[0].empty()) throw plan_error{"the server's answer is no plan"};
    return rows[0][0];
  }

 private:
  // In a read-only transaction MariaDB refuses even to explain a statement that writes or locks.
  [[nodiscard]] detail::mysql_rows rows_of(const std::string& statement) {
    constexpr unsigned read_only_transaction = 1792;
    try {
      return session_.query(statement, deadline_);
    } catch (const detail::refused_by_mysql& refused) {
      if (refused.number() != read_only_transaction) throw;
    }
    session_.query("rollback", deadline_);
    session_.query("start transaction", deadline_);
    return session_.query(statement, deadline_);
  }

  void use(const std::string& database) {
    std::string quoted = "use `";
    for (const char c : database) quoted.append(c == '`' ? 2 : 1, c);
    session_.query(quoted + '`', deadline_);
  }

  detail::mysql_session& session_;
  const server_inspector::deadline deadline_;
};

struct mysql_answer {
  std::string plan = {};
  detail::plan_basis basis = {};
};

std::optional<mysql_answer> answer_for_running_text(mysql_plan_transaction& transaction,
                                                    const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  try {
    return mysql_answer{transaction.explained("explain format=json " + *text),
                        {.is_running_text = true}};
  } catch (const detail::refused_by_mysql&) {
    return std::nullopt;
  }
}

mysql_answer answer_for_sanitised_text(mysql_plan_transaction& transaction,
                                       const detail::explained_text& text) {
  mysql_answer answer{.plan = transaction.explained(written_with(text, any_value)),
                      .basis = {.parameters = static_cast<int>(text.parameters.size()),
                                .assumed_limit = text.assumed_limit,
                                .assumes_no_offset = text.assumes_no_offset,
                                .assumes_conditions = text.assumes_conditions}};
  if (detail::refuses_all_rows(answer.plan)) {
    answer.plan = transaction.explained(written_with(text, hidden_value));
  }
  return answer;
}

}  // namespace

class mysql_inspector::state {
 public:
  explicit state(const mysql_inspector_options& given) : options{given}, session{given} {}

  const mysql_inspector_options options;
  detail::mysql_session session;
};

mysql_inspector::mysql_inspector(const mysql_inspector_options& options)
    : state_{std::make_unique<state>(options)} {
  if (options.user.empty()) throw configuration_error{"user", "", "expected a name"};
  if (!options.tls_authority.empty() && access(options.tls_authority.c_str(), R_OK) != 0) {
    throw configuration_error{"tls_authority", options.tls_authority, "cannot be read"};
  }
}

mysql_inspector::~mysql_inspector() = default;

bool mysql_inspector::serves(const call_report& call) const {
  const mysql_inspector_options& own = state_->options;
  const bool is_system =
      call.system == database_systems::mariadb.name || call.system == database_systems::mysql.name;
  if (!is_system || (!own.database.empty() && call.database != own.database)) return false;
  const std::string& address = own.unix_socket.empty() ? own.host : own.unix_socket;
  if (address.empty() || call.server_address.empty()) return true;
  const std::uint16_t port =
      own.port == database_systems::mariadb.default_port ? std::uint16_t{0} : own.port;
  return call.server_address == address && (!own.unix_socket.empty() || call.server_port == port);
}

explained_statement mysql_inspector::explain(const call_report& call, deadline until) {
  const detail::explained_text text = detail::explained_text_of(
      detail::explainable(call), dialect::mysql, detail::returned_rows_of(call));
  const std::optional<std::string> running = detail::text_in_mysql(state_->session, call, until);
  mysql_plan_transaction transaction{state_->session, call, state_->options.database.empty(),
                                     until};
  auto answer = answer_for_running_text(transaction, running);
  if (!answer) answer = answer_for_sanitised_text(transaction, text);
  explained_statement made{
      .plan = detail::plan_of_mysql(answer->plan),
      .facts = detail::mysql_facts(state_->session, call.statement->tables, until)};
  made.plan.is_generic = answer->basis.is_generic();
  made.plan.is_of_one_call = answer->basis.is_running_text;
  made.plan.assumes_conditions = answer->basis.assumes_conditions;
  made.plan.note = answer->basis.text();
  return made;
}

server_wait mysql_inspector::wait_of(const call_report& call, deadline until) {
  return detail::wait_in_mysql(state_->session, call, until);
}

}  // namespace querytap
