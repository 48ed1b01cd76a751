#include <querytap/servers/postgres/postgres_probe.hpp>

#include "address.hpp"
#include "failed_answer.hpp"
#include "vitals.hpp"

namespace querytap {
class postgres_probe::state {
 public:
  explicit state(const postgres_probe_options& chosen)
      : options{chosen},
        session{chosen.connection_string, {.retry_delay = std::chrono::seconds{0}}} {
    static_cast<void>(detail::address_in(chosen.connection_string));  // throws if it is none
  }

  const postgres_probe_options options;
  detail::postgres_session session;
};

postgres_probe::postgres_probe(const postgres_probe_options& options)
    : state_{std::make_unique<state>(options)} {}

postgres_probe::~postgres_probe() = default;

health_answer postgres_probe::look(deadline until) {
  return detail::answer_of([&] {
    const auto vitals =
        detail::vitals_of(state_->session, state_->options.counts_invalid_indexes, until);
    return detail::judged(vitals, state_->options);
  });
}

}  // namespace querytap
