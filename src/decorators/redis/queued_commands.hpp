#pragma once

#include "sent_command.hpp"

#include <querytap/calls/statement.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace querytap::redis::detail {

/// Commands that are appended and not sent yet, as far as the name of their batch depends on them.
class queued_commands {
 public:
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  /// Of a transaction without its MULTI and EXEC.
  [[nodiscard]] std::uint32_t size() const noexcept {
    return is_transaction() ? count_ - 2 : count_;
  }
  [[nodiscard]] bool is_transaction() const noexcept { return ends_with_exec_ && !is_mixed_; }
  /// Null unless all commands are the same, within a transaction too.
  [[nodiscard]] const statement* common() const noexcept {
    return has_one_kind_ && first_ ? first_.get() : nullptr;
  }
  [[nodiscard]] code_location site() const noexcept { return site_; }

  /// Whether this text was the last one that was asked for: of the same statement, then.
  [[nodiscard]] bool is_last(const char* text) const noexcept {
    return text_size_ != 0 && std::strcmp(text, text_.data()) == 0;
  }
  /// Whether it still matters which statement the next command is.
  [[nodiscard]] bool needs_statement() const noexcept { return has_one_kind_; }

  void add_same() noexcept { ++count_; }
  /// Of a command whose statement is not needed any more: null.
  void add(command_kind kind, std::string_view text, const statement* identity,
           code_location site) noexcept;
  void clear() noexcept;

 private:
  std::uint32_t count_ = 0;
  bool begins_with_multi_ = false;
  bool ends_with_exec_ = false;
  bool is_mixed_ = false;  // MULTI or EXEC stands where no transaction of its own has it
  bool has_one_kind_ = true;
  statement_handle first_;
  code_location site_;
  std::array<char, 128> text_{};
  std::size_t text_size_ = 0;
};

}  // namespace querytap::redis::detail
