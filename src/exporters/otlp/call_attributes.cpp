#include "call_attributes.hpp"

#include "../../base/fingerprint_text.hpp"
#include "../../base/numbers.hpp"

#include <querytap/snapshot/call_convention.hpp>

namespace querytap::detail {

namespace {

const call_convention& convention_of(const std::shared_ptr<const statement_identity>& statement) {
  return statement == nullptr ? call_convention::find(backend_kind::database)
                              : call_convention::find(*statement);
}

}  // namespace

void call_attributes::add(const call_site& site) {
  add("code.file.path", site.file);
  add("code.line.number", std::uint64_t{site.line});
  add("code.function.name", site.function);
}

void call_attributes::add(const std::shared_ptr<const statement_identity>& statement) {
  if (statement == nullptr) return;
  const call_convention& names = convention_of(statement);
  const auto [operation, target] = split_summary(statement->summary);
  const auto add_named = [this](std::string_view key, std::string_view value) {
    if (!key.empty()) add(key, value);
  };
  add_named(names.summary, statement->summary);
  add_named(names.text, statement->text);
  add_named(names.operation, operation);
  add_named(names.target, target);
  add("querytap.statement", fingerprint_text(statement->fingerprint));
}

void call_attributes::add_backend(const std::shared_ptr<const statement_identity>& statement,
                                  std::string_view system, std::string_view database) {
  const call_convention& names = convention_of(statement);
  if (!names.system.empty()) add(names.system, system);
  if (!names.database.empty()) add(names.database, database);
}

void call_attributes::add_result(const std::shared_ptr<const statement_identity>& statement,
                                 std::string_view status_code,
                                 const std::optional<std::uint64_t>& rows) {
  const call_convention& names = convention_of(statement);
  const auto number = whole_number<std::int64_t>(status_code);
  const bool is_database = statement == nullptr || statement->backend == backend_kind::database;
  if (is_database) {
    add(names.status, status_code);
  } else if (number && !names.status.empty()) {
    set({names.status, *number});
  }
  if (rows && !names.rows.empty()) set({names.rows, as_integer(*rows)});
}

}  // namespace querytap::detail
