#pragma once

#include <support/bare_mysql.hpp>
#include <support/mariadb_server.hpp>

#include <querytap/servers/mysql/mysql_address.hpp>

#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace querytap::testing {

[[nodiscard]] inline mysql_address address_of(const mariadb_server& server) {
  return {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(server.port()), .user = "root"};
}

/// A server that knows its users: root without a password, and a watcher without rights and with a password.
class mariadb_with_accounts {
 public:
  static constexpr const char* password = "canary-password";

  explicit mariadb_with_accounts(std::vector<std::string> arguments = {}) {
    const std::string data = folder_.path().string();
    const std::string accounts =
        "insert into global_priv values ('127.0.0.1', 'root', "
        "'{\\\"access\\\":18446744073709551615}'), "
        "('127.0.0.1', 'watcher', "
        "concat('{\\\"access\\\":0,\\\"plugin\\\":\\\"mysql_native_password\\\","
        "\\\"authentication_string\\\":\\\"', password('" +
        std::string{password} + "'), '\\\"}'));";
    const std::string user = geteuid() == 0 ? " --user=root" : "";
    const finished made =
        run({"/bin/sh", "-c",
             "{ printf 'create database mysql;\\nuse mysql;\\nset @auth_root_socket=NULL;\\n'; cat "
             "/usr/share/mysql/mysql_system_tables.sql; echo \"" +
                 accounts + "\"; } | /usr/sbin/mariadbd --no-defaults --bootstrap" + user +
                 " --datadir=" + data + " --innodb-log-file-size=4M"});
    if (made.exit_code != 0) throw std::runtime_error{made.output};
    arguments.push_back("--datadir=" + data);
    arguments.emplace_back("--skip-grant-tables=OFF");
    server_ = std::make_unique<mariadb_server>(arguments);
  }

  [[nodiscard]] mariadb_server& server() noexcept { return *server_; }
  [[nodiscard]] mysql_address watcher() const {
    mysql_address address = address_of(*server_);
    address.user = "watcher";
    address.password = password;
    return address;
  }

 private:
  temporary_folder folder_;
  std::unique_ptr<mariadb_server> server_;
};

}  // namespace querytap::testing
