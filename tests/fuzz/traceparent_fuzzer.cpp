// Any `traceparent` is read as the specification says or rejected, and a context that was read is
// written as it came.

#include <querytap/base/trace_context.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using querytap::trace_context;

namespace {

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", promise);
  std::abort();
}

bool is_zero(const auto& id) {
  return std::ranges::all_of(id, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header{reinterpret_cast<const char*>(data), size};
  const auto read = trace_context::parse(header);
  if (!read) return 0;
  expect(!is_zero(read->trace_id) && !is_zero(read->span_id), "ids that lead somewhere");
  const std::string written = to_string(*read);
  expect(trace_context::parse(written) == read, "a written context is read again");
  // Blanks or a later version may put the ids at another place of the header.
  expect(header.find(written.substr(3, 49)) != header.npos, "the ids of the header");
  return 0;
}
