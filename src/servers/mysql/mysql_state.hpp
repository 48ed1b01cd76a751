#pragma once

#include "mysql_session.hpp"

#include "../../base/numbers.hpp"

#include <querytap/base/attribute.hpp>
#include <querytap/servers/mysql/mysql_address.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// configuration_error without a user.
[[nodiscard]] mysql_inspector_options session_options_of(const mysql_address& address);

/// `server.address` and, unless it is the usual one, `server.port`: as the calls of the decorator have them.
[[nodiscard]] attributes labels_of(const mysql_address& address);

/// Status variables, or other names with a value each.
class mysql_variables {
 public:
  mysql_variables() = default;
  explicit mysql_variables(const mysql_rows& rows);

  /// Nothing if the server has no such variable, or if its value is no number.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
  void set(std::string name, std::string value) { values_[std::move(name)] = std::move(value); }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// What a server replicates from another.
struct mysql_channel {
  std::string name = {};      ///< usually empty
  std::string receiver = {};  ///< `Yes`, `No`, `Connecting`
  bool is_applying = false;
  std::optional<std::int64_t> lag = {};  ///< seconds; nothing if it is not known
  std::int64_t receiver_error = 0;
  std::int64_t applier_error = 0;
};

struct mysql_transactions {
  std::int64_t count = 0;
  std::int64_t longest = 0;       ///< seconds
  std::int64_t waiting = 0;       ///< for a lock
  std::int64_t longest_wait = 0;  ///< seconds
};

/// Nothing where the user lacks the right.
[[nodiscard]] std::optional<std::vector<mysql_channel>> mysql_channels(
    mysql_session& session, mysql_session::deadline until);
[[nodiscard]] std::optional<mysql_transactions> mysql_open_transactions(
    mysql_session& session, mysql_session::deadline until);

/// From a row of SHOW ALL SLAVES STATUS, or of MySQL's SHOW REPLICA STATUS.
[[nodiscard]] mysql_channel channel_in(const mysql_records::value_type& record);

}  // namespace querytap::detail
