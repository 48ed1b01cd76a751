#include "otel_variables.hpp"

#include "../../base/ascii.hpp"
#include "../../base/numbers.hpp"
#include "../../base/text.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace querytap::detail {
namespace {

constexpr std::string_view header_blanks = " \t\r\n";

bool is_http_token(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return is_ascii_alphanumeric(c) || marks.find(c) != std::string_view::npos;
  });
}

// A line end would begin another header.
bool is_header_value(std::string_view value) {
  return std::ranges::none_of(value,
                              [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

// The value goes to a log, and may have any bytes.
std::string printable_value(std::string_view value) {
  constexpr std::size_t longest = 80;
  std::string text{value.substr(0, longest)};
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
  return value.size() > longest ? text + "..." : text;
}

struct url_deleter {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using parsed_url = std::unique_ptr<CURLU, url_deleter>;

parsed_url parse_url(const std::string& text) {
  parsed_url url{curl_url()};
  const bool is_parsed =
      url != nullptr && curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
  return is_parsed ? std::move(url) : nullptr;
}

std::string part_of(const parsed_url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owner{text, curl_free};
  return text;
}

}  // namespace

std::optional<std::string> otel_variables::text(const std::string& name) const {
  const std::optional<std::string> value = find_(name);
  if (!value || trimmed(*value, header_blanks).empty()) return std::nullopt;
  return std::string{trimmed(*value, header_blanks)};
}

void otel_variables::complain(const std::string& name, std::string_view value,
                              std::string_view expected) const {
  if (!complained_of_.insert(name).second) return;
  warn_(value.empty() ? fmt::format("{} is ignored: expected {}", name, expected)
                      : fmt::format("{}='{}' is ignored: expected {}", name, printable_value(value),
                                    expected));
}

void otel_variables::explain(const std::string& name, std::string_view value,
                             std::string_view meaning) const {
  if (!complained_of_.insert(name).second) return;
  warn_(fmt::format("{}='{}': {}", name, printable_value(value), meaning));
}

std::optional<std::size_t> otel_variables::number(const names& candidates, std::size_t least,
                                                  std::size_t most) const {
  return get(candidates, fmt::format("a whole number from {} to {}", least, most),
             [&](const std::string& value) {
               const auto found = whole_number<std::size_t>(value);
               return found && *found >= least && *found <= most ? found : std::nullopt;
             });
}

std::optional<std::chrono::milliseconds> otel_variables::milliseconds(const names& candidates,
                                                                      std::size_t least) const {
  constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
  const auto found = number(candidates, least, most);
  if (!found) return std::nullopt;
  return std::chrono::milliseconds{static_cast<std::int64_t>(*found)};
}

std::optional<std::map<std::string, std::string>> parse_header_list(std::string_view list) {
  std::map<std::string, std::string> headers;
  while (!list.empty()) {
    const std::string_view entry = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), entry.size() + 1));
    if (trimmed(entry, header_blanks).empty()) continue;
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = trimmed(entry.substr(0, equals), header_blanks);
    const auto value = percent_decoded(trimmed(entry.substr(equals + 1), header_blanks));
    if (!is_http_token(name) || !value || !is_header_value(*value)) return std::nullopt;
    headers.insert_or_assign(std::string{name}, *value);
  }
  return headers;
}

std::optional<std::string> parse_endpoint(const std::string& text) {
  const parsed_url url = parse_url(text);
  if (url == nullptr) return std::nullopt;
  const std::string scheme = part_of(url, CURLUPART_SCHEME);
  const bool is_usable = scheme == "http" || scheme == "https";
  return is_usable ? std::optional{part_of(url, CURLUPART_URL)} : std::nullopt;
}

std::string below_endpoint(const std::string& endpoint, std::string_view path) {
  const parsed_url url = parse_url(endpoint);
  std::string joined = url == nullptr ? std::string{} : part_of(url, CURLUPART_PATH);
  if (!joined.ends_with('/')) joined += '/';
  joined += path;
  curl_url_set(url.get(), CURLUPART_PATH, joined.c_str(), 0);
  return part_of(url, CURLUPART_URL);
}

}  // namespace querytap::detail
