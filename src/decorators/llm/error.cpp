#include <querytap/decorators/llm/error.hpp>

#include <string>

namespace querytap::llm {
namespace {

std::string text_of_llm_error(std::string_view call, const outcome& failure, int status) {
  std::string text{call};
  text += ": ";
  text += failure.error_type();
  const std::string code = std::to_string(status);
  if (status >= 400 && failure.error_type() != code) text += " (" + code + ")";
  return text;
}

}  // namespace

error::error(std::string_view call, const outcome& failure, int status,
             std::optional<std::chrono::nanoseconds> retry_after)
    : std::runtime_error{text_of_llm_error(call, failure, status)},
      failure_{failure},
      status_{status},
      retry_after_{retry_after} {}

}  // namespace querytap::llm
