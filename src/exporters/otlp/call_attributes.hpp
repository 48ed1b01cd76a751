#pragma once

#include "../../base/seconds.hpp"

#include <querytap/base/attribute.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/snapshot/call_site.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Integers of OTLP are signed.
[[nodiscard]] constexpr std::int64_t as_integer(std::uint64_t number) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(number < most ? number : most);
}

/// Collects the attributes of one call. A value that is empty or 0 is not known, and left out.
class call_attributes {
 public:
  void add(std::string_view key, std::string_view text) {
    if (!text.empty()) all_.set({key, text});
  }
  void add(std::string_view key, std::uint64_t number) {
    if (number != 0) all_.set({key, static_cast<std::int64_t>(number)});
  }
  /// Seconds, as in the metrics.
  void add(std::string_view key, std::chrono::nanoseconds duration) {
    if (duration.count() != 0) all_.set({key, seconds_of(duration)});
  }
  /// The port only with an address, as the conventions have it.
  void add_server(std::string_view address, std::uint16_t port) {
    add("server.address", address);
    if (!address.empty()) add("server.port", std::uint64_t{port});
  }
  void add(const call_site& site);
  /// By the conventions for the kind of its backend.
  void add(const std::shared_ptr<const statement_identity>& statement);
  void add_backend(const std::shared_ptr<const statement_identity>& statement,
                   std::string_view system, std::string_view database);
  /// 0 rows are known, too.
  void add_result(const std::shared_ptr<const statement_identity>& statement,
                  std::string_view status_code, const std::optional<std::uint64_t>& rows);

  void set(attribute item) { all_.set(std::move(item)); }

  [[nodiscard]] attributes take() { return std::move(all_); }

 private:
  attributes all_;
};

/// What an event or a span calls a call: the summary of its statement, or its backend.
[[nodiscard]] inline const std::string& short_name_of(
    const std::shared_ptr<const statement_identity>& statement, const std::string& system) {
  return statement != nullptr && !statement->summary.empty() ? statement->summary : system;
}

}  // namespace querytap::detail
