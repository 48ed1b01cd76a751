#include "mysql_state.hpp"

#include "../common/expected_host.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/error.hpp>

#include <mysqld_error.h>

namespace querytap::detail {
namespace {

// The value of the first of these columns that there is.
std::string_view column_in(const mysql_records::value_type& record,
                           std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = record.find(name);
    if (found != record.end()) return found->second;
  }
  return {};
}

bool is_lack_of_right(const refused_by_mysql& refusal) {
  return refusal.number() == ER_SPECIFIC_ACCESS_DENIED_ERROR ||
         refusal.number() == ER_TABLEACCESS_DENIED_ERROR;
}

}  // namespace

mysql_inspector_options session_options_of(const mysql_address& address) {
  if (address.user.empty())
    throw configuration_error{"user", "", "is needed to look at the server"};
  if (!address.host.empty()) expect_host(address.host);
  if (!address.unix_socket.empty()) expect_socket_path(address.unix_socket);
  return {.host = address.host,
          .port = address.port,
          .unix_socket = address.unix_socket,
          .user = address.user,
          .password = address.password,
          .tls_authority = address.tls_authority};
}

attributes labels_of(const mysql_address& address) {
  attributes labels;
  const bool has_socket = !address.unix_socket.empty();
  labels.set({"server.address", has_socket ? address.unix_socket : address.host});
  if (!has_socket && address.port != database_systems::mysql.default_port) {
    labels.set({"server.port", std::int64_t{address.port}});
  }
  return labels;
}

mysql_variables::mysql_variables(const mysql_rows& rows) {
  for (const std::vector<std::string>& row : rows) {
    if (row.size() >= 2) values_[row[0]] = row[1];
  }
}

std::optional<std::int64_t> mysql_variables::number(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return whole_number<std::int64_t>(found->second);
}

mysql_channel channel_in(const mysql_records::value_type& record) {
  const auto number = [&](std::string_view name) {
    return whole_number<std::int64_t>(column_in(record, {name})).value_or(0);
  };
  return {.name = std::string{column_in(record, {"Connection_name", "Channel_Name"})},
          .receiver = std::string{column_in(record, {"Slave_IO_Running", "Replica_IO_Running"})},
          .is_applying = column_in(record, {"Slave_SQL_Running", "Replica_SQL_Running"}) == "Yes",
          .lag = whole_number<std::int64_t>(
              column_in(record, {"Seconds_Behind_Master", "Seconds_Behind_Source"})),
          .receiver_error = number("Last_IO_Errno"),
          .applier_error = number("Last_SQL_Errno")};
}

std::optional<std::vector<mysql_channel>> mysql_channels(mysql_session& session,
                                                         mysql_session::deadline until) {
  std::vector<mysql_channel> channels;
  try {
    const std::string_view statement =
        session.is_mariadb() ? "show all slaves status" : "show replica status";
    for (const auto& record : session.records(statement, until)) {
      channels.push_back(channel_in(record));
    }
  } catch (const refused_by_mysql& refusal) {
    if (is_lack_of_right(refusal)) return std::nullopt;
    // Of a server without accounts, which has never replicated.
    if (refusal.number() != ER_OPTION_PREVENTS_STATEMENT) throw;
  }
  return channels;
}

std::optional<mysql_transactions> mysql_open_transactions(mysql_session& session,
                                                          mysql_session::deadline until) {
  try {
    const mysql_rows rows = session.query_again(
        "select count(*), coalesce(max(timestampdiff(second, trx_started, now())), 0), "
        "coalesce(sum(trx_state = 'LOCK WAIT'), 0), "
        "coalesce(max(timestampdiff(second, trx_wait_started, now())), 0) "
        "from information_schema.innodb_trx",
        until);
    if (rows.empty() || rows[0].size() < 4) return mysql_transactions{};
    const auto number = [&](std::size_t column) {
      return leading_number<std::int64_t>(rows[0][column]);
    };
    return mysql_transactions{
        .count = number(0), .longest = number(1), .waiting = number(2), .longest_wait = number(3)};
  } catch (const refused_by_mysql& refusal) {
    if (!is_lack_of_right(refusal)) throw;
    return std::nullopt;
  }
}

}  // namespace querytap::detail
