#include <querytap/decorators/chroma/error.hpp>

#include <querytap/base/exception_outcome.hpp>

#include <optional>

namespace querytap::chroma {
namespace {

std::optional<outcome> outcome_of_chroma_exception() noexcept {
  try {
    throw;
  } catch (const error& failure) {
    return failure.how();
  } catch (...) {
    return std::nullopt;
  }
}

const exception_classifier chroma_exceptions{&outcome_of_chroma_exception};

}  // namespace
}  // namespace querytap::chroma
