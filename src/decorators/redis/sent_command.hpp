#pragma once

#include <querytap/base/code_location.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace querytap::redis::detail {

/// What a command does to its connection, or needs besides being timed.
enum class command_kind : std::uint8_t {
  ordinary,
  container,    ///< its second word belongs to its name
  select,       ///< another database
  multi,        ///< begins a transaction
  exec,         ///< ends it
  discard,      ///< ends it, too
  subscribe,    ///< from then on replies are messages
  unsubscribe,  ///< until the last one
  monitor,      ///< from then on replies are messages
  reset,        ///< the session begins anew
  set_up,       ///< AUTH, HELLO: part of making a session
  waits,        ///< until others act: its time is not the server's
  may_wait,     ///< the same with BLOCK
  keys,         ///< reads all keys
  set,          ///< may lack an expiry
};

/// Of the name of a command, in any case.
[[nodiscard]] command_kind kind_of_command(std::string_view name) noexcept;

/// The arguments of a command, its name first: from an argv, or from the bytes that are sent.
///
/// Errors   bytes that are no command end early.
class sent_arguments {
 public:
  sent_arguments(int count, const char* const* texts, const std::size_t* sizes) noexcept
      : texts_{texts}, sizes_{sizes}, left_{count > 0 ? static_cast<std::size_t>(count) : 0} {}
  explicit sent_arguments(std::string_view bytes) noexcept : bytes_{bytes} {}

  /// False at the end.
  [[nodiscard]] bool next(std::string_view& argument) noexcept;
  /// Of bytes: what follows the arguments that have been read. Nothing, where that is no argument.
  [[nodiscard]] std::string_view rest() const noexcept { return bytes_; }

 private:
  [[nodiscard]] bool next_of_bytes(std::string_view& argument) noexcept;

  const char* const* texts_ = nullptr;
  const std::size_t* sizes_ = nullptr;
  std::size_t left_ = 0;
  std::string_view bytes_;
  bool has_begun_ = false;  // the count of bytes_ has been read
};

/// The first word of a format; empty where a value is a part of it.
[[nodiscard]] std::string_view name_in_format(std::string_view format) noexcept;

/// A command that is about to be sent.
struct sent_command {
  sent_command(std::string_view written, const sent_arguments& sent, code_location line) noexcept
      : format{written}, written_name{name_in_format(written)}, arguments{sent}, site{line} {}

  std::string_view format;        ///< a text with the same name and options; empty: there is none
  std::string_view written_name;  ///< the name, where the format has it
  sent_arguments arguments;
  code_location site;

  [[nodiscard]] std::string_view name() const noexcept {
    return written_name.empty() ? first_argument() : written_name;
  }

 private:
  [[nodiscard]] std::string_view first_argument() const noexcept;
};

/// Writes commands with a `?` for each value, as identify() reads them.
///
/// Threads  one at a time: it remembers what it has found for the last name.
class command_writer {
 public:
  static constexpr std::size_t longest = 256;

  /// The text stays until the next one.
  [[nodiscard]] std::string_view text_of(sent_arguments arguments) noexcept;

 private:
  void put(std::string_view word) noexcept;
  void look_up(std::string_view name) noexcept;

  std::array<char, longest> text_{};
  std::size_t size_ = 0;
  std::array<char, 32> name_{};  // of the last command
  std::size_t name_size_ = 0;
  bool is_name_ = false;
  bool has_subcommands_ = false;
  std::size_t values_before_options_ = 0;
  std::string_view options_;
};

}  // namespace querytap::redis::detail
