#pragma once

#include "sent_command.hpp"

#include <querytap/calls/statement.hpp>
#include <querytap/decorators/redis/detail/repeated_command.hpp>

#include <cstdint>
#include <string_view>

namespace querytap::redis::detail {

/// Commands that are appended and not sent yet, as far as the name of their batch depends on them.
class queued_commands {
 public:
  /// `repeated` counts what is one more of the same.
  explicit queued_commands(repeated_command& repeated) noexcept : repeated_{repeated} {}

  [[nodiscard]] bool empty() const noexcept { return count() == 0; }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_ + repeated_.count(); }
  /// Of a transaction without its MULTI and EXEC.
  [[nodiscard]] std::uint32_t size() const noexcept {
    return is_transaction() ? count() - 2 : count();
  }
  [[nodiscard]] bool is_transaction() const noexcept { return ends_with_exec_ && !is_mixed_; }
  /// Null unless all commands are the same, within a transaction too.
  [[nodiscard]] const statement* common() const noexcept {
    return has_one_kind_ && first_ ? first_.get() : nullptr;
  }
  [[nodiscard]] code_location site() const noexcept { return site_; }

  /// Whether it still matters which statement the next command is.
  [[nodiscard]] bool needs_statement() const noexcept { return has_one_kind_; }

  /// Another one of `format` is the same, unless that is empty. The statement is null where it is not
  /// needed any more.
  void add(command_kind kind, std::string_view format, const statement* identity,
           code_location site) noexcept;
  /// They have been sent. If all were the same, so are the next ones of their format.
  void clear() noexcept;

 private:
  repeated_command& repeated_;
  std::uint32_t count_ = 0;  // without those that are only counted
  bool begins_with_multi_ = false;
  bool ends_with_exec_ = false;
  bool is_mixed_ = false;  // MULTI or EXEC stands where no transaction of its own has it
  bool has_one_kind_ = true;
  statement_handle first_;
  code_location site_;
};

}  // namespace querytap::redis::detail
