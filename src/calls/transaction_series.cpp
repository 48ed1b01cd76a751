#include "transaction_series.hpp"

#include "fitting_bounds.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

namespace querytap::detail {

transaction_series::transaction_series(recorder& recorder, std::string_view system) {
  constexpr std::array outcomes{"committed", "rolled_back", "lost"};
  constexpr std::array stages{"first_query", "queries", "end"};
  const instrument& duration = with_fitting_bounds(catalog::transaction_duration, system);
  const instrument& idle = with_fitting_bounds(catalog::transaction_idle, system);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    duration_[i] = recorder.bind_histogram(
        duration, {{"db.system.name", system}, {"querytap.transaction.outcome", outcomes[i]}});
    idle_[i] = recorder.bind_histogram(
        idle, {{"db.system.name", system}, {"querytap.transaction.stage", stages[i]}});
  }
}

}  // namespace querytap::detail
