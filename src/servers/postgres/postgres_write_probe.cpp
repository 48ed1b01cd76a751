#include <querytap/servers/postgres/postgres_write_probe.hpp>

#include "../common/measured.hpp"
#include "address.hpp"
#include "failed_answer.hpp"
#include "result_rows.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>

namespace querytap {
namespace {

constexpr auto write_probe_settings =
    "set statement_timeout = '2s'; set lock_timeout = '500ms'; set synchronous_commit = local";

std::string quoted_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char letter : name) {
    quoted += letter;
    if (letter == '"') quoted += letter;
  }
  return quoted + '"';
}

constexpr std::string_view missing_table = "42P01";

}  // namespace

class postgres_write_probe::state {
 public:
  explicit state(const postgres_write_probe_options& options)
      : session_{options.connection_string,
                 {.first_commands = write_probe_settings, .retry_delay = std::chrono::seconds{0}}},
        table_{quoted_identifier(options.table)} {
    static_cast<void>(detail::address_in(options.connection_string));  // throws if it is none
    if (options.table.empty()) throw configuration_error{"table", "", "expected a name"};
  }

  [[nodiscard]] health_answer look(deadline until) {
    const std::string id = written(until);
    const auto found =
        session_.query(fmt::format("select id from {} where id = $1", table_), {id.c_str()}, until);
    const bool is_there = PQntuples(found.get()) == 1;
    static_cast<void>(session_.query(
        fmt::format("delete from {} where id = $1 or written < now() - interval '1 day'", table_),
        {id.c_str()}, until));
    return {
        {{.name = "answers"},
         detail::verified("read_back", is_there, health_status::fail,
                          "A row that was written a moment ago is not there.",
                          "See whether a proxy sends reads to a standby, or a trigger or policy "
                          "changes the probe's table; else check the storage.")}};
  }

 private:
  [[nodiscard]] std::string written(deadline until) {
    try {
      return inserted(until);
    } catch (const detail::refused_statement& refused) {
      if (refused.state() != missing_table) throw;
    }
    session_.execute(fmt::format("create table if not exists {} "
                                 "(id text primary key, written timestamptz not null)",
                                 table_)
                         .c_str(),
                     until);
    return inserted(until);
  }

  [[nodiscard]] std::string inserted(deadline until) {
    const auto row = session_.query(
        fmt::format("insert into {} values (md5(random()::text || clock_timestamp()::text), now()) "
                    "returning id",
                    table_),
        {}, until);
    return std::string{detail::result_rows{row}.text(0, "id")};
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
