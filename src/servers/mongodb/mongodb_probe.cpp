#include <querytap/servers/mongodb/mongodb_probe.hpp>

#include "mongodb_judgement.hpp"
#include "mongodb_session.hpp"

#include <optional>
#include <utility>

namespace querytap {

class mongodb_probe::state {
 public:
  explicit state(const mongodb_probe_options& options)
      : options_{options}, session_{options.server} {}

  health_answer look(deadline until) {
    detail::mongodb_look look;
    look.hello = session_.ask("admin", R"({"hello": 1})", until);
    look.status = ask_if_allowed(R"({"serverStatus": 1})", until);
    if (look.hello.has("setName")) {
      look.replica_set = ask_if_allowed(R"({"replSetGetStatus": 1})", until);
    }
    return detail::judge_mongodb(look, options_);
  }

 private:
  std::optional<detail::mongodb_document> ask_if_allowed(std::string_view command, deadline until) {
    try {
      return session_.ask("admin", command, until);
    } catch (const detail::refused_by_mongodb& refusal) {
      if (!refusal.is_lack_of_right()) throw;
      return std::nullopt;
    }
  }

  const mongodb_probe_options options_;
  detail::mongodb_session session_;
};

mongodb_probe::mongodb_probe(const mongodb_probe_options& options) : state_{new state{options}} {}
mongodb_probe::~mongodb_probe() = default;

health_answer mongodb_probe::look(deadline until) {
  try {
    return state_->look(until);
  } catch (const detail::mongodb_trouble& trouble) {
    throw probe_error{trouble.what()};
  }
}

}  // namespace querytap
