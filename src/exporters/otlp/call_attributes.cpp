#include "call_attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace querytap::detail {

void call_attributes::add_returned_rows(const std::optional<std::uint64_t>& rows) {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (rows) set({"db.response.returned_rows", static_cast<std::int64_t>(std::min(*rows, most))});
}

void call_attributes::add(const call_site& site) {
  add("code.file.path", site.file);
  add("code.line.number", std::uint64_t{site.line});
  add("code.function.name", site.function);
}

void call_attributes::add(const std::shared_ptr<const statement_identity>& statement) {
  if (statement == nullptr) return;
  add("db.query.summary", statement->summary);
  add("db.query.text", statement->text);
  add("querytap.statement", fmt::format("{:016x}", statement->fingerprint));
}

}  // namespace querytap::detail
