#include <querytap/calls/stream_timer.hpp>

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <exception>
#include <utility>

namespace querytap {

stream_kind::stream_kind(recorder& telemetry, std::string_view name)
    : time_{&telemetry.time()},
      name_{name},
      durations_{telemetry, catalog::stream_duration, {"querytap.stream", "error.type"}} {
  const attributes labels{{"querytap.stream", name}};
  first_message_ = telemetry.bind_histogram(catalog::stream_time_to_first_message, labels);
  gaps_ = telemetry.bind_histogram(catalog::stream_message_gap, labels);
  bytes_ = telemetry.bind_counter(catalog::stream_bytes, labels);
  active_ = telemetry.bind_up_down_counter(catalog::stream_active, labels);
}

stream_timer::stream_timer(const stream_kind& kind) noexcept
    : kind_{&kind}, begin_{kind.time_->ticks()}, exceptions_{std::uncaught_exceptions()} {
  kind_->active_.add(1);
}

stream_timer::~stream_timer() {
  if (std::uncaught_exceptions() > exceptions_ && !failure_.failed()) fail(outcome::error(""));
  finish();
}

void stream_timer::message(std::uint64_t bytes) noexcept {
  if (kind_ == nullptr) return;
  const std::uint64_t ticks = kind_->time_->ticks();
  const bool is_first = last_ == 0;
  const std::uint64_t spent = kind_->time_->nanoseconds_between(is_first ? begin_ : last_, ticks);
  (is_first ? kind_->first_message_ : kind_->gaps_).record(spent);
  kind_->bytes_.add(bytes);
  last_ = ticks == 0 ? 1 : ticks;
}

void stream_timer::finish() noexcept {
  const stream_kind* const kind = std::exchange(kind_, nullptr);
  if (kind == nullptr) return;
  kind->active_.add(-1);
  const std::uint64_t spent = kind->time_->nanoseconds_between(begin_, kind->time_->ticks());
  kind->durations_.record(spent, {kind->name_, failure_.error_type()});
}

}  // namespace querytap
