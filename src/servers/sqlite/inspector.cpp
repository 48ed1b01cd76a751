#include <querytap/servers/sqlite.hpp>

#include "../../analysis/plans/plan_shape.hpp"
#include "../common/explainable.hpp"
#include "catalog_facts.hpp"
#include "plan_rows.hpp"
#include "session.hpp"

#include <querytap/base/database_system.hpp>

#include <filesystem>
#include <utility>

namespace querytap {

sqlite_inspector::sqlite_inspector(std::string path) : path_{std::move(path)} {}

bool sqlite_inspector::serves(const call_report& call) const {
  return call.system == database_systems::sqlite.name &&
         call.database == std::filesystem::path{path_}.filename().string();
}

explained_statement sqlite_inspector::explain(const call_report& call, deadline until) {
  const std::string statement{detail::explainable(call)};
  const detail::sqlite_session session{path_, until};
  explained_statement reported;
  reported.plan.root = detail::sqlite_plan(session, statement);
  reported.plan.shape = plan_shape(reported.plan.root);
  for (const std::string& table : call.statement->tables) {
    if (auto facts = detail::sqlite_facts(session, table)) {
      reported.facts.tables.push_back(std::move(*facts));
    }
  }
  return reported;
}

}  // namespace querytap
