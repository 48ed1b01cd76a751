#pragma once

#include <mongoc/mongoc.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// A document that a MongoDB sent, or a part of it.
class mongodb_document {
 public:
  mongodb_document();
  explicit mongodb_document(const bson_t& copied);
  mongodb_document(mongodb_document&& other) noexcept;
  mongodb_document& operator=(mongodb_document&& other) noexcept;
  ~mongodb_document();

  /// Throws std::invalid_argument for what is no extended JSON.
  [[nodiscard]] static mongodb_document of_json(std::string_view json);

  /// The path is that of a member of a member: `connections.current`. Numbers of any type, booleans as 0 and 1,
  /// dates in milliseconds since the epoch.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view path) const;
  [[nodiscard]] bool is_true(std::string_view path) const { return number(path).value_or(0) != 0; }
  /// Empty if there is no such text.
  [[nodiscard]] std::string text(std::string_view path) const;
  [[nodiscard]] bool has(std::string_view path) const;
  /// The documents of an array.
  [[nodiscard]] std::vector<mongodb_document> list(std::string_view path) const;
  /// The document itself as relaxed extended JSON.
  [[nodiscard]] std::string json() const;
  [[nodiscard]] std::string json(std::string_view path) const;

  [[nodiscard]] const bson_t& bson() const noexcept { return *bson_; }

 private:
  bool find(std::string_view path, bson_iter_t& found) const;

  bson_t* bson_;
};

}  // namespace querytap::detail
