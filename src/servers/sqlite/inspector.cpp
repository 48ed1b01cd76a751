#include <querytap/servers/sqlite.hpp>

#include "../../analysis/plans/plan_shape.hpp"
#include "../../base/file_number.hpp"
#include "../common/explainable.hpp"
#include "../common/explained_text.hpp"
#include "../common/plan_basis.hpp"
#include "catalog_facts.hpp"
#include "plan_rows.hpp"
#include "session.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/error.hpp>
#include <querytap/decorators/sqlite.hpp>

#include <filesystem>
#include <optional>
#include <utility>

namespace querytap {
namespace {

struct sqlite_answer {
  plan_node root = {};
  detail::plan_basis basis = {};
};

plan_node plan_of_text(const detail::sqlite_session& session, detail::explained_text& text) {
  try {
    return detail::sqlite_plan(session, text.written('?'));
  } catch (const plan_error&) {
    // Which partial index it names is not known without the literals of its condition.
    if (!text.remove_conflict_clauses()) throw;
  }
  return detail::sqlite_plan(session, text.written('?'));
}

sqlite_answer plan_of_sanitised_text(const detail::sqlite_session& session,
                                     const call_report& call) {
  detail::explained_text text = detail::explained_text_of(call.statement->text, dialect::sqlite,
                                                          detail::returned_rows_of(call));
  return {.root = plan_of_text(session, text),
          .basis = {.parameters = static_cast<int>(text.parameters.size()),
                    .assumed_limit = text.assumed_limit,
                    .assumes_no_offset = text.assumes_no_offset,
                    .assumes_conditions = text.assumes_conditions}};
}

/// By the text as the application has prepared it, if it has: SQLite knew no more than that either.
sqlite_answer plan_of_connection(const detail::sqlite_session& borrowed, const call_report& call) {
  const auto text = borrowed.prepared_text(call.statement->fingerprint);
  if (!text) return plan_of_sanitised_text(borrowed, call);
  return {.root = detail::sqlite_plan(borrowed, *text)};
}

explained_statement explained_by(sqlite_answer answer, const detail::sqlite_session& catalog,
                                 const call_report& call) {
  // As of an INSERT of values, and of a DELETE of all rows.
  if (answer.root.inputs.empty()) throw plan_error{"SQLite plans no search and no scan for it"};
  explained_statement made;
  made.plan.root = std::move(answer.root);
  made.plan.shape = plan_shape(made.plan.root);
  made.plan.is_generic = answer.basis.is_generic();
  made.plan.assumes_conditions = answer.basis.assumes_conditions;
  made.plan.note = answer.basis.text();
  for (const std::string& table : call.statement->tables) {
    if (auto facts = detail::sqlite_facts(catalog, table)) {
      made.facts.tables.push_back(std::move(*facts));
    }
  }
  return made;
}

std::string path_of_database(sqlite3* connection) {
  const char* const file = sqlite3_db_filename(connection, "main");
  return file == nullptr ? std::string{} : file;
}

}  // namespace

sqlite_inspector::sqlite_inspector(std::string path) : path_{std::move(path)} {}

sqlite_inspector::sqlite_inspector(sqlite::connection& connection)
    : path_{path_of_database(connection.native())},
      connection_{connection.native()},
      file_{connection.file_number()} {
  if (sqlite3_db_mutex(connection_) != nullptr) return;
  throw configuration_error{"shared_between_threads", "false",
                            "an inspector of the connection uses it from another thread"};
}

bool sqlite_inspector::serves(const call_report& call) const {
  if (call.system != database_systems::sqlite.name) return false;
  if (connection_ != nullptr && call.database_file == file_) return true;
  if (call.database_file != 0) return call.database_file == detail::file_number(path_.c_str());
  return call.database == std::filesystem::path{path_}.filename().string();
}

explained_statement sqlite_inspector::explain(const call_report& call, deadline until) {
  static_cast<void>(detail::explainable(call));
  // An explained write would reset what sqlite3_changes() returns.
  const bool may_borrow = connection_ != nullptr && call.statement->kind == statement_kind::read;
  auto borrowed = may_borrow ? detail::sqlite_session::borrow(connection_) : std::nullopt;
  sqlite_answer answer;
  if (borrowed) answer = plan_of_connection(*borrowed, call);
  if (path_.empty()) {
    if (!may_borrow) throw plan_error{"of a database in memory, only reads are explained"};
    if (!borrowed) throw plan_error{"the connection of a database in memory is in use"};
    return explained_by(std::move(answer), *borrowed, call);
  }
  const bool is_answered = borrowed.has_value();
  borrowed.reset();  // the application goes on
  const detail::sqlite_session session{path_, until};
  if (!is_answered) {
    answer = plan_of_sanitised_text(session, call);
    answer.basis.may_be_stale = detail::is_analysed(session);
  }
  return explained_by(std::move(answer), session, call);
}

}  // namespace querytap
