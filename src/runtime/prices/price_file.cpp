#include <querytap/runtime/prices/price_file.hpp>

#include "litellm_prices.hpp"
#include "price_number.hpp"
#include "yaml_prices.hpp"

#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <chrono>
#include <cstddef>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

namespace querytap {
namespace {

constexpr std::size_t largest_price_file = std::size_t{64} << 20;

struct price_file_content {
  std::string text;
  std::chrono::system_clock::time_point changed;
};

price_file_content read_price_file(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) {
    throw configuration_error{"price file", path, "expected a file"};
  }
  if (static_cast<std::uint64_t>(found.st_size) > largest_price_file) {
    throw configuration_error{"price file", path, "expected 64 MiB at most"};
  }
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || !text) throw configuration_error{"price file", path, "cannot be read"};
  return {text.str(), std::chrono::system_clock::from_time_t(found.st_mtime)};
}

}  // namespace

price_table parse_prices(std::string_view text, std::string_view name) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    detail::refuse_price_file({name, 1, {}}, "", "expected prices");
  return text[first] == '{' ? detail::read_litellm_prices(text, name)
                            : detail::read_yaml_prices(text, name);
}

price_table load_prices(const std::string& path) {
  const price_file_content file = read_price_file(path);
  price_table prices = parse_prices(file.text, path);
  prices.set_time(file.changed);
  return prices;
}

price_table load_prices(recorder& recorder, const std::string& path) {
  price_table prices = load_prices(path);
  using std::chrono::duration_cast;
  recorder.bind_gauge(catalog::gen_ai::price_file_timestamp, {})
      .set(duration_cast<std::chrono::nanoseconds>(prices.time()->time_since_epoch()).count());
  return prices;
}

}  // namespace querytap
