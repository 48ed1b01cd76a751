#include <querytap/servers/redis/redis_probe.hpp>

#include "../../base/numbers.hpp"
#include "redis_judgement.hpp"
#include "redis_session.hpp"

#include <optional>
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
      health_answer answer =
          detail::judge_redis(info, options_, refused_, replicas_to_write(info, until));
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
  // INFO has no setting, and not every user may ask for one.
  [[nodiscard]] std::optional<std::uint64_t> replicas_to_write(const detail::redis_info& info,
                                                               deadline until) {
    if (!info.number<std::uint64_t>("min_slaves_good_slaves")) return std::nullopt;
    try {
      const auto reply = session_.ask({"CONFIG", "GET", "min-replicas-to-write"}, until);
      const auto parts = detail::elements_of_reply(*reply);
      if (parts.size() < 2) return std::nullopt;
      return detail::whole_number<std::uint64_t>(detail::text_in_reply(*parts[1]));
    } catch (const detail::refused_by_redis&) {
      return std::nullopt;
    }
  }

  const redis_probe_options options_;
  detail::redis_session session_;
  std::optional<std::uint64_t> refused_;
};

redis_probe::redis_probe(redis_probe_options options) : state_{new state{std::move(options)}} {}
redis_probe::~redis_probe() = default;

health_answer redis_probe::look(deadline until) { return state_->look(until); }

}  // namespace querytap
