#include "kept_map.hpp"

#include <querytap/calls/append_list.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/calls/text_cache.hpp>
#include <querytap/recording/in_flight.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <exception>
#include <memory>
#include <string>

namespace querytap {
namespace detail {

constinit thread_local ledger* current_ledger QUERYTAP_INITIAL_EXEC = nullptr;

void add_to_current_ledger(std::string_view system, std::uint64_t nanoseconds) noexcept {
  current_ledger->add(system, nanoseconds);
}

/// The series of the requests of one name.
class request_series final : public kept {
 public:
  struct backend_series {
    histogram operations;
    histogram duration;
  };

  request_series(recorder& to, std::string_view name)
      : recorder_{to},
        name_{name},
        success_{to.bind_histogram(catalog::request_duration, {{"querytap.request.name", name}})} {}

  [[nodiscard]] const clock& time() const noexcept { return recorder_.time(); }
  [[nodiscard]] bool is_overflow() const noexcept { return success_.is_overflow(); }
  [[nodiscard]] const series& shown_as() const noexcept { return success_.target(); }
  void release() const {
    for_each_histogram([this](const histogram& one) { recorder_.release(one); });
  }
  template <class Visit>
  void for_each_histogram(Visit visit) const {
    visit(success_);
    failures_.for_each(visit);
    backends_.for_each([&](const backend_series& of) {
      visit(of.operations);
      visit(of.duration);
    });
  }

  [[nodiscard]] const histogram& duration_of(const outcome& how) const {
    if (!how.failed()) return success_;
    if (const histogram* known = failures_.find(how)) return *known;
    return failures_.add(how, recorder_.bind_histogram(catalog::request_duration,
                                                       {{"querytap.request.name", name_},
                                                        {"error.type", how.error_type()}}));
  }

  [[nodiscard]] const backend_series& of_backend(std::string_view system) const {
    if (const backend_series* known = backends_.find(system)) return *known;
    const attributes where{{"querytap.request.name", name_}, {"db.system.name", system}};
    return backends_.add(system,
                         {recorder_.bind_histogram(catalog::request_operations, where),
                          recorder_.bind_histogram(catalog::request_backend_duration, where)});
  }

 private:
  recorder& recorder_;
  const std::string name_;
  const histogram success_;
  mutable append_list<outcome, histogram> failures_;
  mutable append_list<std::string_view, backend_series> backends_;  // keys live with the recorder
};

/// The names of a recorder's requests.
class request_names final : public series_owner {
 public:
  explicit request_names(recorder& to) : recorder_{to} {}

  [[nodiscard]] held<const request_series> of(std::string_view name) {
    const owners_lock lock{recorder_};
    return by_name_.find_or_make(std::string{name}, [&] {
      return held<const request_series>{*new request_series{recorder_, name}};
    });
  }
  void release_idle(const series_usage& now) override {
    const owners_lock lock{recorder_};
    by_name_.release_idle(now);
  }

 private:
  recorder& recorder_;
  kept_map<std::string, request_series> by_name_;  // under an owners_lock
};

}  // namespace detail

namespace {

detail::held<const detail::request_series> find_or_make(recorder& to, std::string_view name) {
  auto found = detail::shared_owner<detail::request_names>(to, "")->of(name);
  detail::text_cache::keep(to.id(), name, *found);
  return found;
}

}  // namespace

request::request(recorder& to, std::string_view name)
    : outer_{detail::current_ledger}, exceptions_{std::uncaught_exceptions()} {
  if (!to.enabled()) return;
  if (const detail::kept* known = detail::text_cache::find(to.id(), name)) {
    begin(static_cast<const detail::request_series&>(*known));
  } else {
    begin(*find_or_make(to, name));
  }
}

// A count of holders would be one word that all threads write: what is shown as in flight is not
// retired either.
void request::begin(const detail::request_series& series) noexcept {
  series_ = &series;
  begin_ = series.time().ticks();
  shown_ = detail::publish(series.shown_as(), begin_);
  holds_ = shown_ == nullptr || series.is_overflow();
  if (holds_) series.hold();
  detail::current_ledger = &ledger_;
}

request::~request() {
  if (series_ == nullptr) return;
  if (!failure_.failed() && std::uncaught_exceptions() > exceptions_) fail(outcome::error(""));
  finish();
}

void request::finish() noexcept {
  if (series_ == nullptr) return;
  const detail::request_series& series = *std::exchange(series_, nullptr);
  const clock& time = series.time();
  const std::uint64_t spent = time.nanoseconds_between(begin_, time.ticks());
  detail::current_ledger = outer_;
  record(series, spent);
  // Last: from here on the series may be gone.
  detail::withdraw(shown_);
  if (holds_) series.let_go();
}

void request::record(const detail::request_series& series, std::uint64_t spent) const noexcept {
  try {
    series.duration_of(failure_).record(spent);
    for (const detail::ledger::entry& entry : ledger_) {
      const auto& backend = series.of_backend(entry.system);
      backend.operations.record(entry.operations);
      backend.duration.record(entry.nanoseconds);
      if (outer_ != nullptr) outer_->add(entry.system, entry.nanoseconds, entry.operations);
    }
  } catch (const std::exception&) {
    // Out of memory while a series was bound for the first time: this request goes uncounted.
    return;
  }
}

}  // namespace querytap
