// For any bytes, no literal survives, a sanitised text normalises to itself, and no byte outside of
// the text is read.

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

constexpr std::string_view secret = "5EC2E7qz";

[[noreturn]] void fail(const char* promise, std::string_view input,
                       const statement_identity& found) {
  std::fprintf(stderr, "%s\n  of    %.*s\n  text  %s\n  summary %s\n", promise,
               static_cast<int>(input.size()), input.data(), found.text.c_str(),
               found.summary.c_str());
  std::abort();
}

/// From a block of exactly that size, so that the sanitizer sees every read beyond it.
statement_identity identity_of(std::string_view text, dialect dialect, const quoting& quotes) {
  const auto exact = std::make_unique<char[]>(text.size());
  text.copy(exact.get(), text.size());
  return identify({exact.get(), text.size()}, dialect, quotes);
}

bool names_secret(const statement_identity& found) {
  std::string all = found.text + found.summary;
  for (const std::string& table : found.tables) all += table;
  return all.find(secret) != std::string::npos;
}

void check_stays(std::string_view input, dialect dialect, const quoting& quotes) {
  const statement_identity once = identity_of(input, dialect, quotes);
  const statement_identity twice = identity_of(once.text, dialect, quotes);
  const bool is_cut = once.text.ends_with("…");
  if (twice.text != once.text || (!is_cut && twice.fingerprint != once.fingerprint)) {
    std::fprintf(stderr, "again %s\n", twice.text.c_str());
    fail("a sanitised text must stay as it is", input, once);
  }
  if (once.text.size() > 4096 || once.summary.size() > 255) fail("too long", input, once);
}

/// Any text, then a literal where a statement certainly has one, behind the end of the text.
void check_hides(std::string_view input, dialect dialect, const quoting& quotes) {
  if (input.find_first_of("'\"`[]$/#\\-:@?{}\n\r") != input.npos) return;
  if (input.find(secret) != input.npos) return;
  const std::string text{input};
  const std::string value{secret};
  const bool is_json = dialect == dialect::mongodb;
  const std::string planted =
      dialect == dialect::redis ? "SET " + text + " '" + value + "'"
      : is_json ? "{\"find\": \"c\", \"filter\": {\"" + text + "\": \"" + value + "\"}}"
                : text + " ; select '" + value + "', " + text + " = '" + value + "' , x in ('" +
                      value + "')";
  const statement_identity found = identity_of(planted, dialect, quotes);
  if (names_secret(found)) fail("a literal must not survive", planted, found);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto dialect = static_cast<querytap::dialect>(data[0] % 5);
  quoting quotes;
  if ((data[0] & 0x20) != 0) quotes.backslash_escapes = (data[0] & 0x40) != 0;
  if ((data[0] & 0x80) != 0) quotes.double_quoted_names = (data[0] & 0x40) != 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  check_stays(text, dialect, quotes);
  check_hides(text, dialect, quotes);
  return 0;
}
