#pragma once

#include "request_timeline.hpp"
#include "statement_form.hpp"

#include <querytap/snapshot/request_report.hpp>

#include <string>

namespace querytap::detail {

/// How many calls of the statement become one.
[[nodiscard]] std::string batching_advice(const statement_share& share, const statement_form& form,
                                          transactions_around transactions);

/// How the answer to a call serves for later ones.
[[nodiscard]] std::string reuse_advice(const statement_form& form);

}  // namespace querytap::detail
