#pragma once

#include "condition.hpp"
#include "plan_rules.hpp"

#include <querytap/analysis/plans/server_facts.hpp>
#include <querytap/snapshot/query_plan.hpp>

#include <vector>

namespace querytap::detail {

/// What a generic plan leaves open: it was made without the values of the call, which may have had
/// another plan. All of these are false for a plan that is not generic.

/// Whether the values of the condition decide how many of the table's rows pass. They do not where
/// each value is compared for equality with a column whose values are about equally common.
[[nodiscard]] bool do_values_decide(token_span condition, const table_facts* table);

/// The same for the plan as a whole.
[[nodiscard]] bool do_values_decide(const plan_evidence& evidence);

/// Whether values are compared with each other, as in `? = ? or a = ?`: they decide if the other tests
/// matter at all.
[[nodiscard]] bool has_test_of_values(token_span condition);

/// Whether an index may serve for some values, but not for unknown ones: a partial index, or one on an
/// expression that has a literal, or an index of a column whose beginning is compared.
[[nodiscard]] bool may_have_index_for_values(token_span condition,
                                             const std::vector<column_test>& tests,
                                             const table_facts& table);

/// Whether the tests let few rows pass for any value: one is for equality with a column that has many
/// values, none of which is common.
[[nodiscard]] bool do_few_pass_always(const std::vector<column_test>& tests,
                                      const table_facts& table);

}  // namespace querytap::detail
