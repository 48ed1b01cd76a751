#pragma once

#include <querytap/base/statement_identity.hpp>

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// What a part of a command consists of.
enum class mongodb_part : std::uint8_t {
  values,  ///< filters, documents, and all that is not known
  command,
  pipeline,
  stage,       ///< of a pipeline
  facet,       ///< pipelines by name
  join,        ///< of $lookup and its like: collections and fields by name
  expression,  ///< where "$field" is no string
  directions,  ///< of sorting, or what to leave out of a projection
};

/// Of what stands under a key of that part.
[[nodiscard]] mongodb_part mongodb_part_of(mongodb_part outer, bool is_in_array,
                                           std::string_view key) noexcept;

[[nodiscard]] statement_kind kind_of_mongodb_command(std::string_view name) noexcept;
/// Whether the command's own value is the name of a collection.
[[nodiscard]] bool names_mongodb_collection(std::string_view command) noexcept;
[[nodiscard]] bool is_mongodb_collection_key(std::string_view key) noexcept;
[[nodiscard]] bool is_mongodb_join_field(std::string_view key) noexcept;

/// A member of the command that drivers add: sessions, times, comments.
[[nodiscard]] bool is_mongodb_envelope(std::string_view key) noexcept;

/// `$oid` and its like, which make one value of an object.
[[nodiscard]] bool is_mongodb_wrapper(std::string_view key) noexcept;

/// Whether it can be the name of a field, and is no data that somebody made a name of.
[[nodiscard]] bool is_mongodb_field(std::string_view text) noexcept;

}  // namespace querytap::detail
