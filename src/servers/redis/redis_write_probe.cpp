#include <querytap/servers/redis/redis_write_probe.hpp>

#include "../common/measured.hpp"
#include "redis_judgement.hpp"
#include "redis_session.hpp"

#include <fmt/format.h>

#include <random>
#include <string>
#include <utility>

namespace querytap {
namespace {

constexpr std::string_view advice_for_redis_write =
    "See whether it is a replica, out of memory (MAXMEMORY), cannot save (MISCONF), or lacks the "
    "right.";

health_measurement refused_write(const detail::refused_by_redis& refusal) {
  return detail::verified("write", false, health_status::fail, refusal.what(),
                          advice_for_redis_write);
}

}  // namespace

class redis_write_probe::state {
 public:
  // Several processes may probe one server: each has a key of its own.
  explicit state(redis_write_probe_options options)
      : key_{fmt::format("{}:{:08x}", options.key, std::random_device{}())},
        session_{std::move(options.server)} {}

  health_answer look(deadline until) {
    try {
      return write_and_read(until);
    } catch (const detail::refused_by_redis& refusal) {
      if (refusal.code() == "BUSY") return detail::busy_redis();
      return {{refused_write(refusal)}};
    } catch (const detail::redis_trouble& trouble) {
      throw probe_error{trouble.what()};
    }
  }

 private:
  health_answer write_and_read(deadline until) {
    const std::string value = std::to_string(++turn_);
    static_cast<void>(session_.ask({"SET", key_, value, "EX", "60"}, until));
    const detail::server_reply read = session_.ask({"GET", key_}, until);
    const bool is_same = detail::text_in_reply(*read) == value;
    static_cast<void>(session_.ask({"DEL", key_}, until));
    return {{detail::verified(
        "write", is_same, health_status::fail,
        "a key that was written is read back with another value, or not at all",
        "See whether keys are evicted at once, or another program writes to it.")}};
  }

  const std::string key_;
  detail::redis_session session_;
  std::uint64_t turn_ = 0;
};

redis_write_probe::redis_write_probe(redis_write_probe_options options)
    : state_{new state{std::move(options)}} {}
redis_write_probe::~redis_write_probe() = default;

health_answer redis_write_probe::look(deadline until) { return state_->look(until); }

}  // namespace querytap
