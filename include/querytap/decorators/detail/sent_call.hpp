#pragma once

#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/decorators/detail/pqxx_version.hpp>
#include <querytap/query/nearest_neighbours.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

namespace querytap::postgres {

/// The text of a statement, or the name of a prepared one, with the line of the call. An argument
/// with a default, such as a line, cannot follow a list of values.
class located_text {
 public:
  located_text(const char* text, code_location site = code_location::current())
      : own_{text}, text_{&own_}, site_{site} {}
  located_text(const std::string& text, code_location site = code_location::current()) noexcept
      : text_{&text}, site_{site} {}
  located_text(std::string_view text, code_location site = code_location::current())
      : own_{text}, text_{&own_}, site_{site} {}
  located_text(const std::stringstream& text, code_location site = code_location::current())
      : own_{text.str()}, text_{&own_}, site_{site} {}
  /// Of a type of the application's that turns into a std::string.
  template <class T>
  requires(std::convertible_to<const T&, std::string> &&
           !std::convertible_to<const T&, std::string_view>)
      located_text(const T& text, code_location site = code_location::current())
      : own_{text}, text_{&own_}, site_{site} {}
  located_text(const located_text&) = delete;
  located_text& operator=(const located_text&) = delete;

  [[nodiscard]] const std::string& text() const noexcept { return *text_; }
  [[nodiscard]] code_location site() const noexcept { return site_; }

 private:
  std::string own_;  // libpqxx 6 takes a std::string only
  const std::string* text_;
  code_location site_;
};

namespace detail {

struct statement_failure {
  querytap::outcome outcome;
  bool waited_for_lock = false;
};

/// How a statement ended, by the exception that is being handled.
[[nodiscard]] statement_failure failure_of_current_exception() noexcept;

/// A value that libpqxx takes, but does not show: pqxx::params, or a sequence that can be read only once.
struct unreadable_value {};

/// Dynamic parameters whose values can be looked at before libpqxx does.
template <class T>
concept can_be_read_twice = is_dynamic_params<T> && requires(const T& value) {
  requires std::forward_iterator<decltype(value.begin())>;
};

/// pqxx::binarystring, and the sequences of std::byte of libpqxx 7.
template <class T>
concept byte_sequence = requires(const T& value) {
  value.size();
  requires sizeof(*value.data()) == 1;
};

/// Calls `visit` with a value of any type that libpqxx takes, as a number, a text, bytes, nullptr or an
/// unreadable_value; with each of the values, if there are several.
template <class T, class Visit>
void visit_value(const T& value, const Visit& visit) {
  if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::nullptr_t>) {
    visit(value);
  } else if constexpr (std::is_convertible_v<const T&, const char*>) {
    const char* const text = value;
    text == nullptr ? visit(nullptr) : visit(std::string_view{text});
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    visit(std::string_view{value});
  } else if constexpr (requires {
                         value.has_value();
                         *value;
                       }) {
    value.has_value() ? visit_value(*value, visit) : visit(nullptr);
  } else if constexpr (byte_sequence<T>) {
    visit(std::as_bytes(std::span{value.data(), static_cast<std::size_t>(value.size())}));
  } else if constexpr (std::is_same_v<T, unreadable_value>) {
    visit(value);
  } else if constexpr (can_be_read_twice<T>) {
    for (const auto& element : value) visit_value(element, visit);
  } else if constexpr (convertible_value<T>) {
    is_null_value(value) ? visit(nullptr) : visit(std::string_view{pqxx::to_string(value)});
  } else {
    visit(unreadable_value{});
  }
}

/// One call as it is sent: its statement, its line, and the hash and description of its values. The
/// values themselves are not stored.
class sent_call {
 public:
  /// A call that no request compares with its earlier ones: BEGIN, COMMIT.
  sent_call(const querytap::statement& statement, code_location site,
            phase phase = phase::execute) noexcept
      : statement_{statement}, site_{site}, phase_{phase} {}

  /// Hashes text and values only where a request or a description will use the hash.
  template <class... Values>
  sent_call(const querytap::statement& statement, bool describes, const located_text& text,
            const Values&... values)
      : statement_{statement}, site_{text.site()} {
    if (statement.is_search()) [[unlikely]]
      note_search(find_search_limit(text.text(), dialect::postgresql), values...);
    if (!describes && querytap::detail::current_ledger == nullptr) return;
    parameter_digest digest;
    digest.add(std::string_view{text.text()});
    bool is_complete = true;
    [[maybe_unused]] const auto add = [&]<class Value>(const Value& value) {
      if constexpr (std::same_as<Value, unreadable_value>) {
        is_complete = false;
        if (describes) description_.add_unknown();
      } else {
        digest.add(value);
        if (describes) description_.add(value);
      }
    };
    (visit_value(values, add), ...);
    // Calls that differ in what cannot be read would pass for repetitions.
    if (is_complete) hash_ = digest.hash();
  }

  [[nodiscard]] code_location site() const noexcept { return site_; }

  [[nodiscard]] const querytap::statement& statement() const noexcept { return statement_; }

  /// A call of the connection with this transaction: times `execute`, counts the rows that it returns, and passes its result or exception on.
  template <class Execute>
  auto measure(transaction& connection, Execute execute) const {
    operation timing{statement_, phase_, site_};
    timing.of(connection);
    if (hash_) timing.parameters(*hash_);
    try {
      if constexpr (std::same_as<std::invoke_result_t<Execute>, pqxx::result>) {
        pqxx::result rows = execute();
        // A result without columns is that of a command: it affected rows and returned none.
        if (rows.columns() > 0) timing.rows(static_cast<std::uint64_t>(rows.size()));
        if (asked_) statement_.searched(*asked_, static_cast<std::uint64_t>(rows.size()));
        finish(timing);
        return rows;
      } else {
        return execute();
      }
    } catch (...) {
      const statement_failure failure = failure_of_current_exception();
      if (failure.waited_for_lock) timing.was(phase::lock_wait);
      timing.fail(failure.outcome);
      finish(timing);
      throw;
    }
  }

  /// Notes how many neighbours a search asks for, by its text or by the value that the text names.
  template <class... Values>
  void note_search(const search_limit& limit, const Values&... values) {
    asked_ = limit.literal;
    [[maybe_unused]] std::uint32_t place = 0;
    [[maybe_unused]] const auto look = [&]<class Value>(const Value& value) {
      if (++place != limit.parameter) return;
      if constexpr (std::integral<Value>) {
        if (value >= 0) asked_ = static_cast<std::uint64_t>(value);
      }
    };
    (visit_value(values, look), ...);
  }

 private:
  void finish(operation& timing) const noexcept {
    timing.finish([this](querytap::detail::call_extras& extras) {
      const std::string_view text = description_.text();
      extras.parameters_size =
          static_cast<std::uint8_t>(text.copy(extras.parameters.data(), extras.parameters.size()));
    });
  }

  const querytap::statement& statement_;
  std::optional<std::uint64_t> asked_;  // of a search
  code_location site_;
  phase phase_ = phase::execute;
  std::optional<std::uint64_t> hash_;
  parameter_description description_;
};

}  // namespace detail
}  // namespace querytap::postgres
