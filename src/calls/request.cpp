#include <querytap/calls/append_list.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/calls/text_cache.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <exception>
#include <memory>
#include <string>

namespace querytap {
namespace detail {

constinit thread_local ledger* current_ledger QUERYTAP_INITIAL_EXEC = nullptr;

/// The series of the requests of one name.
class request_series {
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

}  // namespace detail

namespace {

const detail::request_series& series_of(recorder& to, std::string_view name) {
  if (const void* known = detail::text_cache::find(to.id(), name)) {
    return *static_cast<const detail::request_series*>(known);
  }
  const auto series = to.shared_part<detail::request_series>(
      name, [&] { return std::make_shared<detail::request_series>(to, name); });
  detail::text_cache::keep(to.id(), name, series.get());
  return *series;
}

}  // namespace

request::request(recorder& to, std::string_view name)
    : series_{to.enabled() ? &series_of(to, name) : nullptr},
      outer_{detail::current_ledger},
      exceptions_{std::uncaught_exceptions()} {
  if (series_ == nullptr) return;
  detail::current_ledger = &ledger_;
  begin_ = to.time().ticks();
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
