#pragma once

#include <mongoc/mongoc.h>

#include <cstdint>
#include <stdexcept>

namespace querytap::mongodb {

/// An error of libmongoc, for applications that throw.
///
///     bson_error_t error;
///     if (!mongoc_collection_insert_one(users, ada, nullptr, nullptr, &error)) throw mongodb::error{error};
///
/// A request that it ends fails with what the call failed with (outcome_of_current_exception()).
///
/// Errors   the message is the server's, which may quote a value: it is not recorded.
class error : public std::runtime_error {
 public:
  explicit error(const bson_error_t& reported);

  [[nodiscard]] std::uint32_t domain() const noexcept { return domain_; }
  [[nodiscard]] std::uint32_t code() const noexcept { return code_; }

 private:
  std::uint32_t domain_;
  std::uint32_t code_;
};

/// What is known of the last command that failed on this thread, for whoever thinks of trying again.
///
///     if (mongodb::last_failure().was_retried) give_up();    // libmongoc has done so already
///
/// Threads  each thread has its own.
struct failure {
  std::int64_t code = 0;           ///< the server's; 0: it had none, or did not answer
  std::uint32_t attempts = 0;      ///< so often the command was sent; 0: none has failed yet
  bool was_retried = false;        ///< by libmongoc
  bool is_overload = false;        ///< the server asks to be spared: wait before the next call
  bool is_retryable = false;       ///< the server says that the command may be sent once more
  bool is_transient = false;       ///< the transaction is gone, and may be run anew
  bool is_unknown_commit = false;  ///< whether it was committed is not known
};

[[nodiscard]] failure last_failure() noexcept;

}  // namespace querytap::mongodb
