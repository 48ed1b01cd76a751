#include <querytap/servers/redis/redis_probe.hpp>

#include "redis_judgement.hpp"
#include "redis_session.hpp"

#include <utility>

namespace querytap {

class redis_probe::state {
 public:
  explicit state(redis_probe_options options)
      : options_{std::move(options)}, session_{options_.server} {}

  health_answer look(deadline until) {
    try {
      const detail::server_reply reply = session_.ask({"INFO"}, until);
      const detail::redis_info info{detail::text_in_reply(*reply)};
      if (!info.is_of_redis()) throw probe_error{"the server's answer is not that of a Redis"};
      health_answer answer = detail::judge_redis(info, options_, refused_);
      refused_ = info.number<std::uint64_t>("rejected_connections");
      return answer;
    } catch (const detail::refused_by_redis& refusal) {
      if (refusal.code() == "BUSY") return detail::busy_redis();
      throw probe_error{refusal.what()};
    } catch (const detail::redis_trouble& trouble) {
      throw probe_error{trouble.what()};
    }
  }

 private:
  const redis_probe_options options_;
  detail::redis_session session_;
  std::optional<std::uint64_t> refused_;
};

redis_probe::redis_probe(redis_probe_options options) : state_{new state{std::move(options)}} {}
redis_probe::~redis_probe() = default;

health_answer redis_probe::look(deadline until) { return state_->look(until); }

}  // namespace querytap
