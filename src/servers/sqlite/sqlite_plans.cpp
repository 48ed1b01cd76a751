#include <querytap/servers/sqlite_plans.hpp>

#include "../../analysis/plans/plan_shape.hpp"
#include "../common/explainable.hpp"
#include "sqlite_facts.hpp"
#include "sqlite_plan.hpp"
#include "sqlite_session.hpp"

#include <filesystem>
#include <utility>

namespace querytap {

sqlite_plans::sqlite_plans(std::string path) : path_{std::move(path)} {}

bool sqlite_plans::serves(const slow_query& call) const {
  return call.system == "sqlite" &&
         call.name_space == std::filesystem::path{path_}.filename().string();
}

explained_statement sqlite_plans::explain(const slow_query& call, deadline until) {
  const std::string statement{detail::explainable(call)};
  const detail::sqlite_session session{path_, until};
  explained_statement told;
  told.plan.root = detail::sqlite_plan(session, statement);
  told.plan.shape = plan_shape(told.plan.root);
  for (const std::string& table : call.statement->tables) {
    if (auto known = detail::sqlite_facts(session, table)) {
      told.facts.tables.push_back(std::move(*known));
    }
  }
  return told;
}

}  // namespace querytap
