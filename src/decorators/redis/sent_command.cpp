#include "sent_command.hpp"

#include "../../base/ascii.hpp"
#include "../../query/redis/redis_commands.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace querytap::redis::detail {
namespace {

using querytap::detail::ascii_lower;
using querytap::detail::equal_ignoring_case;

/// Up to eight characters as one number, whatever their case.
constexpr std::uint64_t packed_name(std::string_view name) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(name[i]) | 0x20U) << (8 * i);
  }
  return word;
}

struct long_command {
  std::string_view name;
  command_kind kind;
};

constexpr long_command long_commands[] = {
    {"subscribe", command_kind::subscribe},      {"psubscribe", command_kind::subscribe},
    {"ssubscribe", command_kind::subscribe},     {"unsubscribe", command_kind::unsubscribe},
    {"punsubscribe", command_kind::unsubscribe},  // SUNSUBSCRIBE has a callback, as others have
    {"brpoplpush", command_kind::waits},         {"xreadgroup", command_kind::may_wait},
};

command_kind kind_of_long_command(std::string_view name) noexcept {
  for (const long_command& known : long_commands) {
    if (equal_ignoring_case(name, known.name)) return known.kind;
  }
  return command_kind::ordinary;
}

command_kind kind_of_short_command(std::uint64_t name) noexcept {
  switch (name) {
    case packed_name("select"): return command_kind::select;
    case packed_name("multi"): return command_kind::multi;
    case packed_name("exec"): return command_kind::exec;
    case packed_name("discard"): return command_kind::discard;
    case packed_name("monitor"): return command_kind::monitor;
    case packed_name("reset"): return command_kind::reset;
    case packed_name("auth"):
    case packed_name("hello"): return command_kind::set_up;
    case packed_name("keys"): return command_kind::keys;
    case packed_name("set"): return command_kind::set;
    case packed_name("blpop"):
    case packed_name("brpop"):
    case packed_name("blmove"):
    case packed_name("blmpop"):
    case packed_name("bzpopmin"):
    case packed_name("bzpopmax"):
    case packed_name("bzmpop"):
    case packed_name("wait"):
    case packed_name("waitaof"): return command_kind::waits;
    case packed_name("xread"): return command_kind::may_wait;
    case packed_name("acl"):
    case packed_name("client"):
    case packed_name("cluster"):
    case packed_name("command"):
    case packed_name("config"):
    case packed_name("debug"):
    case packed_name("function"):
    case packed_name("latency"):
    case packed_name("memory"):
    case packed_name("module"):
    case packed_name("object"):
    case packed_name("pubsub"):
    case packed_name("script"):
    case packed_name("sentinel"):
    case packed_name("slowlog"):
    case packed_name("xgroup"):
    case packed_name("xinfo"): return command_kind::container;
    default: return command_kind::ordinary;
  }
}

// Of the form of one, so that nothing else is taken for a name.
bool has_form_of_name(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return querytap::detail::is_ascii_letter(c) || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

command_kind kind_of_command(std::string_view name) noexcept {
  if (name.size() > 8) return kind_of_long_command(name);
  return kind_of_short_command(packed_name(name));
}

bool sent_arguments::next(std::string_view& argument) noexcept {
  if (texts_ == nullptr) return next_of_bytes(argument);
  if (left_ == 0) return false;
  argument = sizes_ == nullptr ? std::string_view{*texts_} : std::string_view{*texts_, *sizes_};
  ++texts_;
  if (sizes_ != nullptr) ++sizes_;
  --left_;
  return true;
}

bool sent_arguments::next_of_bytes(std::string_view& argument) noexcept {
  if (!has_begun_) {
    const std::size_t line = bytes_.find('\n');
    bytes_.remove_prefix(line == bytes_.npos ? bytes_.size() : line + 1);
    has_begun_ = true;
  }
  if (bytes_.empty() || bytes_.front() != '$') return false;
  std::size_t size = 0;
  const char* const end = bytes_.data() + bytes_.size();
  const auto read = std::from_chars(bytes_.data() + 1, end, size);
  constexpr std::size_t line_end = 2;
  const auto left = static_cast<std::size_t>(end - read.ptr);
  const bool is_complete =
      read.ec == std::errc{} && left >= 2 * line_end && size <= left - 2 * line_end;
  if (!is_complete) {
    bytes_ = {};
    return false;
  }
  argument = {read.ptr + line_end, size};
  bytes_ = {read.ptr + line_end + size + line_end, left - size - 2 * line_end};
  return true;
}

// By hand: names are a few characters long, and each of them is looked at once.
std::string_view name_in_format(std::string_view format) noexcept {
  std::size_t begin = 0;
  while (begin < format.size() && format[begin] == ' ') ++begin;
  std::size_t end = begin;
  for (; end < format.size() && format[end] != ' '; ++end) {
    if (format[end] == '%') return {};
  }
  return format.substr(begin, end - begin);
}

std::string_view sent_command::first_argument() const noexcept {
  sent_arguments rest = arguments;
  std::string_view first;
  return rest.next(first) ? first : std::string_view{};
}

void command_writer::put(std::string_view word) noexcept {
  if (word.size() + 1 > longest - size_) return;
  if (size_ != 0) text_[size_++] = ' ';
  std::memcpy(text_.data() + size_, word.data(), word.size());
  size_ += word.size();
}

void command_writer::look_up(std::string_view name) noexcept {
  if (name_size_ != 0 && name == std::string_view{name_.data(), name_size_}) return;
  name_size_ = 0;
  is_name_ = !name.empty() && name.size() <= name_.size() && has_form_of_name(name);
  if (!is_name_) return;
  name_size_ = name.copy(name_.data(), name_.size());
  const querytap::detail::redis_command known = querytap::detail::find_redis_command(name);
  has_subcommands_ = known.has_subcommands;
  values_before_options_ = known.values_before_options;
  options_ = known.options;
}

std::string_view command_writer::text_of(sent_arguments arguments) noexcept {
  size_ = 0;
  std::string_view argument;
  if (!arguments.next(argument)) return {};
  look_up(argument);
  put(is_name_ ? argument : "?");
  if (!is_name_) return {text_.data(), size_};
  const querytap::detail::redis_command known{
      .values_before_options = static_cast<std::uint8_t>(values_before_options_),
      .options = options_};
  if (has_subcommands_ && arguments.next(argument)) {
    put(querytap::detail::is_redis_subcommand(argument) ? argument : "?");
  }
  bool is_after_value = false;
  for (std::size_t at = 0; arguments.next(argument); ++at) {
    // A row of values is one to identify(); behind them only options can change what is read.
    if (is_after_value && options_.empty()) break;
    const bool is_option =
        at >= values_before_options_ && querytap::detail::is_redis_option(known, argument);
    if (is_option || !is_after_value || at <= values_before_options_) {
      put(is_option ? argument : "?");
    }
    is_after_value = !is_option;
  }
  return {text_.data(), size_};
}

}  // namespace querytap::redis::detail
