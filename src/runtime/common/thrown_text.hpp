#pragma once

#include <cxxabi.h>

#include <exception>
#include <optional>
#include <string>

namespace querytap::detail {

/// Makes a call that is the application's, and returns what it threw in words; nothing if it returned. Only the
/// unwinding by which a thread is cancelled goes on.
template <class Call>
[[nodiscard]] std::optional<std::string> thrown_by(Call call) {
  try {
    call();
    return std::nullopt;
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return text.empty() ? "it failed, and gave no reason" : text;
  } catch (...) {
    return "something was thrown that is no std::exception";
  }
}

}  // namespace querytap::detail
