#include <querytap/servers/mysql/mysql_probe.hpp>

#include "mysql_judgement.hpp"
#include "mysql_session.hpp"
#include "mysql_state.hpp"

#include <optional>

namespace querytap {

class mysql_probe::state {
 public:
  explicit state(const mysql_probe_options& options)
      : options_{options},
        session_{detail::session_options_of(options.server), detail::settings_for_looks} {}

  health_answer look(deadline until) {
    detail::mysql_look look;
    const detail::mysql_rows settings =
        session_.query_again("select @@global.read_only, @@max_connections", until);
    if (!settings.empty() && settings[0].size() == 2) {
      look.is_read_only = settings[0][0] != "0";
      look.max_connections = detail::whole_number<std::int64_t>(settings[0][1]);
    }
    look.status = detail::mysql_variables{session_.query_again(
        "show global status where variable_name in ('Threads_connected', 'Threads_running', "
        "'Aborted_connects', 'Aborted_clients', 'Connection_errors_max_connections')",
        until)};
    look.channels = detail::mysql_channels(session_, until);
    look.transactions = detail::mysql_open_transactions(session_, until);
    health_answer answer =
        detail::judge_mysql(look, options_, before_.has_value() ? &*before_ : nullptr);
    before_ = look.status;
    return answer;
  }

 private:
  const mysql_probe_options options_;
  detail::mysql_session session_;
  std::optional<detail::mysql_variables> before_;
};

mysql_probe::mysql_probe(const mysql_probe_options& options) : state_{new state{options}} {}
mysql_probe::~mysql_probe() = default;

health_answer mysql_probe::look(deadline until) {
  try {
    return state_->look(until);
  } catch (const plan_error& trouble) {
    throw probe_error{trouble.what()};
  }
}

}  // namespace querytap
