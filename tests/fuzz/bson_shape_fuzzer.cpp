// For any bytes, nothing outside of a command or a reply is read, its shape is bounded and stays as it is when it
// is read again, and no value of it is in the shape.

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  // From a block of exactly that size, so that the sanitizer sees every read beyond it.
  const auto exact = std::make_unique<char[]>(size);
  input.copy(exact.get(), size);
  const std::string_view bytes{exact.get(), size};
  parameter_digest digest;
  const command_shape shape{bytes, &digest};
  if (shape.text().size() > command_shape::longest) fail("too long", shape.text());
  const statement_identity once = identify(shape.text(), dialect::mongodb);
  if (identify(once.text, dialect::mongodb).text != once.text) fail("it must stay", shape.text());
  static_cast<void>(mongodb::detail::read_reply(bytes, "distinct"));
  check_hides(input);
  return 0;
}
