#pragma once

#include "redis_session.hpp"

#include <querytap/base/statement_identity.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// The statement that a command is with as few arguments as it takes: `SET ? ?` for `set`, whose arity is
/// -3, and `CONFIG GET ?` for `config|get`.
[[nodiscard]] statement_identity statement_of_redis_command(std::string_view name,
                                                            std::int64_t arity);

/// The statements of commands by their names in commandstats.
///
/// Threads  one.
class redis_statements {
 public:
  /// Asks the server once for the arity of commands that are new. False: the user may not ask, and one argument is
  /// assumed.
  bool learn(const std::vector<std::string>& names, redis_session& session,
             redis_session::deadline until);
  [[nodiscard]] std::shared_ptr<const statement_identity> find(const std::string& name) const;

 private:
  std::map<std::string, std::shared_ptr<const statement_identity>> known_;
  bool may_ask_ = true;
};

}  // namespace querytap::detail
