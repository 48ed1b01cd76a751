#include <querytap/servers/mysql/mysql_write_probe.hpp>

#include "../common/measured.hpp"
#include "mysql_session.hpp"
#include "mysql_state.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>
#include <mysqld_error.h>

#include <cstdint>
#include <random>
#include <string>

namespace querytap {
namespace {

std::string in_backquotes(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
  return quoted + '`';
}

std::string_view advice_for_mysql_write(unsigned number) {
  switch (number) {
    case ER_OPTION_PREVENTS_STATEMENT:
      return "The server is read-only: look whether a failover has happened.";
    case ER_RECORD_FILE_FULL:
    case ER_DISK_FULL: return "Free space on the server's disk.";
    case ER_LOCK_WAIT_TIMEOUT: return "Find who holds a lock on the table of the probe.";
    default: return "See the meaning of the error, and whether the user may write to the table.";
  }
}

}  // namespace

class mysql_write_probe::state {
 public:
  // Several processes may probe one database: each has a row of its own.
  explicit state(const mysql_write_probe_options& options)
      : table_{in_backquotes(options.database) + '.' + in_backquotes(options.table)},
        id_{std::random_device{}()},
        session_{detail::session_options_of(options.server), detail::settings_for_looks} {
    if (options.database.empty()) {
      throw configuration_error{"database", "", "is needed for a probe that writes"};
    }
  }

  health_answer look(deadline until) {
    try {
      if (!has_table_) make_table(until);
      return write_and_read(until);
    } catch (const detail::refused_by_mysql& refusal) {
      has_table_ = has_table_ && refusal.number() != ER_NO_SUCH_TABLE;
      return {{detail::verified("write", false, health_status::fail, refusal.what(),
                                advice_for_mysql_write(refusal.number()))}};
    }
  }

 private:
  void make_table(deadline until) {
    session_.query_again(fmt::format("create table if not exists {} (id bigint primary key, value "
                                     "bigint not null)",
                                     table_),
                         until);
    has_table_ = true;
  }

  health_answer write_and_read(deadline until) {
    const std::string value = std::to_string(++turn_);
    session_.query_again(fmt::format("replace into {} values ({}, {})", table_, id_, value), until);
    const detail::mysql_rows rows =
        session_.query_again(fmt::format("select value from {} where id = {}", table_, id_), until);
    const bool is_same = rows.size() == 1 && rows[0][0] == value;
    session_.query_again(fmt::format("delete from {} where id = {}", table_, id_), until);
    return {
        {detail::verified("write", is_same, health_status::fail,
                          "a row that was written is read back with another value, or not at all",
                          "See whether another program writes to the table of the probe.")}};
  }

  const std::string table_;
  const std::uint32_t id_;
  detail::mysql_session session_;
  std::uint64_t turn_ = 0;
  bool has_table_ = false;
};

mysql_write_probe::mysql_write_probe(const mysql_write_probe_options& options)
    : state_{new state{options}} {}
mysql_write_probe::~mysql_write_probe() = default;

health_answer mysql_write_probe::look(deadline until) {
  try {
    return state_->look(until);
  } catch (const plan_error& trouble) {
    throw probe_error{trouble.what()};
  }
}

}  // namespace querytap
