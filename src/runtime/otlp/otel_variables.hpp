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

/// Reads variables as OpenTelemetry specifies: spaces around a value do not count, an empty value is unset,
/// and a value that cannot be used causes a warning and counts as unset.
///
///     const otel_variables variables{source, warn};
///     const auto timeout = variables.milliseconds({"OTEL_EXPORTER_OTLP_TIMEOUT"});
///
/// Of several names, the first with a usable value decides.
class otel_variables {
 public:
  using lookup = std::function<std::optional<std::string>(const std::string& name)>;
  using sink = std::function<void(std::string_view)>;
  using names = std::vector<std::string>;

  otel_variables(lookup find, sink warn) : find_{std::move(find)}, warn_{std::move(warn)} {}

  /// The trimmed value; none for an empty one.
  [[nodiscard]] std::optional<std::string> text(const std::string& name) const;

  /// What `read` makes of the value; none means that the value cannot be used. A warning does not show a
  /// value that may be secret.
  template <class Read>
  [[nodiscard]] auto get(const names& candidates, std::string_view expected, Read read,
                         bool secret = false) const -> decltype(read(std::string{})) {
    for (const std::string& name : candidates) {
      const std::optional<std::string> value = text(name);
      if (!value) continue;
      if (auto usable = read(*value)) return usable;
      complain(name, secret ? "" : *value, expected);
    }
    return std::nullopt;
  }

  /// A whole number from `least` to `most`.
  [[nodiscard]] std::optional<std::size_t> number(const names& candidates, std::size_t least,
                                                  std::size_t most) const;
  [[nodiscard]] std::optional<std::chrono::milliseconds> milliseconds(const names& candidates,
                                                                      std::size_t least) const;

  /// Warns once for each name that its value is ignored.
  void complain(const std::string& name, std::string_view value, std::string_view expected) const;
  /// Warns once for each name of what its value means here.
  void explain(const std::string& name, std::string_view value, std::string_view meaning) const;

 private:
  lookup find_;
  sink warn_;
  mutable std::set<std::string> complained_of_;
};

/// `key=value,key=value` with percent-encoded values, as HTTP headers; none if one of them is not
/// allowed in a request.
///
/// Source   W3C Baggage without properties; RFC 9110 for what a header may be.
[[nodiscard]] std::optional<std::map<std::string, std::string>> parse_header_list(
    std::string_view list);

/// An `http` or `https` URL in its usual form, with a path; none for anything else.
[[nodiscard]] std::optional<std::string> parse_endpoint(const std::string& url);

/// `http://collector:4318/base` with a path below it.
[[nodiscard]] std::string below_endpoint(const std::string& url, std::string_view path);

}  // namespace querytap::detail
