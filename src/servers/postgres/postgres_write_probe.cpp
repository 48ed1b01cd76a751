#include <querytap/servers/postgres/postgres_write_probe.hpp>

#include "../common/measured.hpp"
#include "address.hpp"
#include "failed_answer.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>

#include <random>
#include <vector>

namespace querytap {
namespace {

constexpr std::string_view write_transaction =
    "begin; set local statement_timeout = '2s'; set local lock_timeout = '500ms'; "
    "set local synchronous_commit = local";

std::string quoted_table(std::string_view name) {
  std::string quoted = "\"";
  for (const char letter : name) {
    quoted += letter;
    if (letter == '"') quoted += letter;
  }
  return quoted + '"';
}

/// Unlike those of other probes: 128 bits.
std::string random_row_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

constexpr std::string_view state_of_missing_table = "42P01";

}  // namespace

class postgres_write_probe::state {
 public:
  explicit state(const postgres_write_probe_options& options)
      : session_{options.connection_string, {.retry_delay = std::chrono::seconds{0}}},
        table_{quoted_table(options.table)} {
    static_cast<void>(detail::address_in(options.connection_string));  // throws if it is none
    if (options.table.empty()) throw configuration_error{"table", "", "expected a name"};
  }

  [[nodiscard]] health_answer look(deadline until) {
    const std::string id = random_row_id();
    write(id, until);
    const auto found = run(fmt::format("select id from {} where id = '{}'", table_, id), until);
    const bool is_there = !found.empty() && PQntuples(found.back().get()) == 1;
    static_cast<void>(
        run(fmt::format("delete from {} where id = '{}' or written < now() - interval '1 day'",
                        table_, id),
            until));
    return {
        {{.name = "answers"},
         detail::verified("read_back", is_there, health_status::fail,
                          "A row that was written a moment ago is not there.",
                          "See whether a proxy sends reads to a standby, or a trigger or policy "
                          "changes the probe's table; else check the storage.")}};
  }

 private:
  std::vector<detail::postgres_result> run(const std::string& statement, deadline until) {
    detail::postgres_results all = session_.query_all(write_transaction, statement, until);
    if (all.refused) throw detail::refused_statement{*all.refused};
    return std::move(all.results);
  }

  void write(const std::string& id, deadline until) {
    const std::string insert = fmt::format("insert into {} values ('{}', now())", table_, id);
    try {
      run(insert, until);
      return;
    } catch (const detail::refused_statement& refused) {
      if (refused.state() != state_of_missing_table) throw;
    }
    run(fmt::format(
            "create table if not exists {} (id text primary key, written timestamptz not null)",
            table_),
        until);
    run(insert, until);
  }

  detail::postgres_session session_;
  const std::string table_;
};

postgres_write_probe::postgres_write_probe(const postgres_write_probe_options& options)
    : state_{std::make_unique<state>(options)} {}

postgres_write_probe::~postgres_write_probe() = default;

health_answer postgres_write_probe::look(deadline until) {
  return detail::answer_of([&] { return state_->look(until); });
}

}  // namespace querytap
