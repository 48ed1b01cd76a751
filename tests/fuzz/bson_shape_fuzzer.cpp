// For any bytes, nothing outside of a command or a reply is read, its shape is bounded and stays as it is when it
// is read again, no value of it is in the shape, and a command is one of its own pattern.

#include <decorators/mongodb/command_pattern.hpp>
#include <decorators/mongodb/command_shape.hpp>
#include <decorators/mongodb/reply.hpp>
#include <querytap/query/identify.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace querytap;
using mongodb::detail::command_kind;
using mongodb::detail::command_pattern;
using mongodb::detail::command_shape;

constexpr std::string_view secret = "5EC2E7qz";

[[noreturn]] void fail(const char* promise, std::string_view shape) {
  std::fprintf(stderr, "%s\n  shape %.*s\n", promise, static_cast<int>(shape.size()), shape.data());
  std::abort();
}

/// `{"find": "c", "filter": {KEY: SECRET}}`, with any key.
std::string with_secret(std::string_view key) {
  const auto number = [](std::size_t value) {
    const auto narrow = static_cast<std::int32_t>(value);
    return std::string{reinterpret_cast<const char*>(&narrow), sizeof narrow};
  };
  const auto text = [&](std::string_view value) {
    return number(value.size() + 1) + std::string{value} + '\0';
  };
  const auto document = [&](const std::string& members) {
    return number(members.size() + 5) + members + '\0';
  };
  const std::string filter = document('\2' + std::string{key} + '\0' + text(secret));
  return document('\2' + std::string{"find"} + '\0' + text("c") + '\3' + "filter" + '\0' + filter);
}

void check_hides(std::string_view key) {
  if (key.find('\0') != key.npos || key.find(secret) != key.npos) return;
  const std::string command = with_secret(key);
  const command_shape shape{command};
  if (shape.text().find(secret) != std::string_view::npos) fail("a value is shown", shape.text());
}

// Of a command with one byte changed, in a block of exactly its size, nothing outside is read. Its shape may be
// another one where its sizes contradict each other, which those of a driver never do.
void compare_changed(const command_pattern& pattern, std::string_view command,
                     std::uint8_t choice) {
  const auto changed = std::make_unique<char[]>(command.size());
  command.copy(changed.get(), command.size());
  const std::string_view other{changed.get(), command.size()};
  for (std::size_t at = choice % 7; at < command.size(); at += 7) {
    changed[at] = static_cast<char>(changed[at] ^ choice);
    std::uint64_t batch_size = 0;
    static_cast<void>(pattern.matches(other, batch_size));
    changed[at] = command[at];
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  // From a block of exactly that size, so that the sanitizer sees every read beyond it.
  const auto exact = std::make_unique<char[]>(size);
  input.copy(exact.get(), size);
  const std::string_view bytes{exact.get(), size};
  const command_shape shape{bytes};
  if (shape.text().size() > command_shape::longest) fail("too long", shape.text());
  const statement_identity once = identify(shape.text(), dialect::mongodb);
  if (identify(once.text, dialect::mongodb).text != once.text) fail("it must stay", shape.text());
  std::uint64_t batch_size = 0;
  if (const auto pattern = command_pattern::make(bytes, shape)) {
    if (!pattern->matches(bytes, batch_size)) fail("a command is of its own shape", shape.text());
    compare_changed(*pattern, bytes, data[size / 2]);
  }
  for (const command_kind kind : {command_kind::other, command_kind::commit})
    static_cast<void>(mongodb::detail::read_reply(bytes, kind));
  check_hides(input);
  return 0;
}
