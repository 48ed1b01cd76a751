#include <querytap/base/code_location.hpp>

#include <array>
#include <atomic>
#include <cstddef>

namespace querytap::detail {
namespace {

// There are as many lines as a program has calls. None is ever removed: pointers to them are everywhere.
constexpr std::size_t most_lines = 4096;
constexpr std::size_t places_of_lines = 2 * most_lines;
constinit std::array<line_of_code, most_lines> lines{};
// ORDER  relaxed: it only says who writes which line.
constinit std::atomic<std::size_t> lines_used{0};
// ORDER  a line is published with release once it is complete, and read with acquire.
constinit std::array<std::atomic<const line_of_code*>, places_of_lines> line_at{};

// Null once all are taken.
const line_of_code* make_line(const line_of_code& content) noexcept {
  if (lines_used.load(std::memory_order_relaxed) >= most_lines) return nullptr;
  const std::size_t index = lines_used.fetch_add(1, std::memory_order_relaxed);
  return index < most_lines ? &(lines[index] = content) : nullptr;
}

bool is_line(const line_of_code& known, const line_of_code& sought) noexcept {
  return known.file == sought.file && known.line == sought.line &&
         known.function == sought.function;
}

std::size_t hash_of_line(const line_of_code& sought) noexcept {
  const std::uint64_t mixed =
      (reinterpret_cast<std::uintptr_t>(sought.file) + sought.line) * 0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>(mixed >> 32U);
}

}  // namespace

const line_of_code& find_or_make_line(const char* file, std::uint32_t line,
                                      const char* function) noexcept {
  const line_of_code sought{file, function, line, 0};
  const line_of_code* fresh = nullptr;
  // Ends at the latest at a free place: there are more places than lines.
  for (std::size_t place = hash_of_line(sought);; ++place) {
    std::atomic<const line_of_code*>& candidate = line_at[place % places_of_lines];
    const line_of_code* known = candidate.load(std::memory_order_acquire);
    if (known == nullptr) {
      if (fresh == nullptr) fresh = make_line(sought);
      if (fresh == nullptr) return no_line;
      if (candidate.compare_exchange_strong(known, fresh, std::memory_order_acq_rel,
                                            std::memory_order_acquire)) {
        return *fresh;
      }
    }
    if (is_line(*known, sought)) return *known;
  }
}

}  // namespace querytap::detail
