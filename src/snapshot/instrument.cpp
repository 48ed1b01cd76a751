#include <querytap/snapshot/instrument.hpp>

namespace querytap {

std::string_view to_string(instrument_kind kind) noexcept {
  switch (kind) {
    case instrument_kind::counter: return "counter";
    case instrument_kind::up_down_counter: return "up_down_counter";
    case instrument_kind::gauge: return "gauge";
    case instrument_kind::histogram: return "histogram";
    case instrument_kind::info: return "info";
  }
  return "unknown";
}

}  // namespace querytap
