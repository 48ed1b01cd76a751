#pragma once

#include <querytap/base/outcome.hpp>

#include <stdexcept>
#include <string>

namespace querytap::chroma {

/// Chroma did not do what it was asked, or did not answer.
///
///     try {
///       db.delete_collection("pages");
///     } catch (const chroma::error& refused) {
///       if (refused.status() != 404) throw;
///     }
///
/// A call or request that it ends fails with the status, or with the name of what broke
/// (outcome_of_current_exception()): messages differ between versions of Chroma.
///
/// Errors   the message is the server's, which may quote a value: it is not recorded.
class error : public std::runtime_error {
 public:
  error(const std::string& message, int status, const outcome& how)
      : std::runtime_error{message}, status_{status}, how_{how} {}

  /// Of HTTP; 0 where there was no answer.
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] const outcome& how() const noexcept { return how_; }

 private:
  int status_;
  outcome how_;
};

/// Something that Chroma would refuse, or take and silently do wrong, was not sent.
///
/// Errors   the message names what is wrong and where, and holds no value.
class invalid_input : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

}  // namespace querytap::chroma
