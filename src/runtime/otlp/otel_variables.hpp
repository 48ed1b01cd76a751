#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::detail {

/// Reads variables as OpenTelemetry asks: spaces around a value do not count, empty is unset, and
/// what cannot be used is warned of and counts as unset too.
///
///     const otel_variables from{source, warn};
///     const auto timeout = from.milliseconds({"OTEL_EXPORTER_OTLP_TIMEOUT"});
///
/// Of several names the first that is set and usable decides.
class otel_variables {
 public:
  using source = std::function<std::optional<std::string>(const std::string& name)>;
  using sink = std::function<void(std::string_view)>;
  using names = std::vector<std::string>;

  otel_variables(source from, sink warn) : source_{std::move(from)}, warn_{std::move(warn)} {}

  /// The value as it stands.
  [[nodiscard]] std::optional<std::string> text(const std::string& name) const;

  /// What `read` makes of the value; nothing means that it cannot be used. A value that may be
  /// secret is not shown.
  template <class Read>
  [[nodiscard]] auto get(const names& any_of, std::string_view expected, Read read,
                         bool secret = false) const -> decltype(read(std::string{})) {
    for (const std::string& name : any_of) {
      const std::optional<std::string> value = text(name);
      if (!value) continue;
      if (auto usable = read(*value)) return usable;
      complain(name, secret ? "" : *value, expected);
    }
    return std::nullopt;
  }

  /// A whole number between the two.
  [[nodiscard]] std::optional<std::size_t> number(const names& any_of, std::size_t least,
                                                  std::size_t most) const;
  [[nodiscard]] std::optional<std::chrono::milliseconds> milliseconds(const names& any_of,
                                                                      std::size_t least) const;

  /// Once for each name.
  void complain(const std::string& name, std::string_view value, std::string_view expected) const;

 private:
  source source_;
  sink warn_;
  mutable std::set<std::string> complained_of_;
};

/// `key=value,key=value` with percent-encoded values, as HTTP headers; nothing if one of them could
/// not stand in a request.
///
/// Source   W3C Baggage without properties; RFC 9110 for what a header may be.
[[nodiscard]] std::optional<std::map<std::string, std::string>> parse_header_list(
    std::string_view list);

/// An `http` or `https` URL in its usual form, with a path; nothing for anything else.
[[nodiscard]] std::optional<std::string> parse_endpoint(const std::string& url);

/// `http://collector:4318/base` with a path below it.
[[nodiscard]] std::string below_endpoint(const std::string& url, std::string_view path);

}  // namespace querytap::detail
