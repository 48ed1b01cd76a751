#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace querytap {

using attribute_value = std::variant<std::string, bool, std::int64_t, double>;

/// One key and its value, named as in the OpenTelemetry semantic conventions.
struct attribute {
  std::string key;
  attribute_value value;

  // Without this overload a literal would become a bool.
  attribute(std::string_view k, const char* v);
  attribute(std::string_view k, std::string_view v);
  attribute(std::string_view k, std::string v);
  attribute(std::string_view k, bool v);
  attribute(std::string_view k, int v);
  attribute(std::string_view k, std::int64_t v);
  attribute(std::string_view k, double v);
  attribute(std::string_view k, attribute_value v);

  // Out of line, as a variant's own are long to compile.
  attribute(const attribute& other);
  attribute(attribute&& other) noexcept;
  attribute& operator=(const attribute& other);
  attribute& operator=(attribute&& other) noexcept;
  ~attribute();

  friend bool operator==(const attribute& a, const attribute& b);
};

/// The value as text: strings as they are, numbers in their shortest form, booleans as words.
[[nodiscard]] std::string to_string(const attribute_value& value);

/// A set of attributes, sorted by key, each key once; the last value given for a key wins.
///
///     attributes labels{{"db.system.name", "sqlite"}, {"server.port", 5432}};
///     labels.set({"error.type", "23505"});
class attributes {
 public:
  attributes() = default;
  attributes(std::initializer_list<attribute> list);

  void set(attribute item);
  [[nodiscard]] const attribute_value* find(std::string_view key) const noexcept;

  [[nodiscard]] auto begin() const noexcept { return items_.begin(); }
  [[nodiscard]] auto end() const noexcept { return items_.end(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }

  friend bool operator==(const attributes&, const attributes&) = default;

 private:
  std::vector<attribute> items_;
};

/// `key=value key=value`, in key order: for tests and pages, not a wire format.
[[nodiscard]] std::string to_string(const attributes& set);

}  // namespace querytap
