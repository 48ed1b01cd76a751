#pragma once

#include <querytap/base/statement_identity.hpp>

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// The content of a part of a command.
enum class mongodb_part : std::uint8_t {
  values,  ///< documents, and any unknown part
  command,
  writes,   ///< the list of what an update, delete or bulkWrite does
  indexes,  ///< the list of indexes to create
  spaces,   ///< the collections of a bulkWrite
  filter,
  pipeline,
  stage,       ///< of a pipeline
  facet,       ///< pipelines by name
  fusion,      ///< a stage such as $rankFusion, with pipelines in it
  near,        ///< $geoNear, with a filter in it
  join,        ///< a stage such as $lookup: collections and fields by name
  expression,  ///< where "$field" names a field
  directions,  ///< of sorting, or the fields of a projection
};

/// A key and what opens behind it.
struct mongodb_opening {
  std::string_view key;
  bool is_array = false;
};

/// The part that opens in `outer`, which may be an array itself.
[[nodiscard]] mongodb_part mongodb_part_of(mongodb_part outer, bool is_in_array,
                                           mongodb_opening next) noexcept;

[[nodiscard]] statement_kind kind_of_mongodb_command(std::string_view name) noexcept;
/// Whether the value of the command's own key is the name of a collection.
[[nodiscard]] bool names_mongodb_collection(std::string_view command) noexcept;
/// Whether the value of another key of the command is one, as that of `collection` in getMore.
[[nodiscard]] bool is_mongodb_collection_of(std::string_view command,
                                            std::string_view key) noexcept;
[[nodiscard]] bool is_mongodb_collection_key(std::string_view key) noexcept;
[[nodiscard]] bool is_mongodb_join_field(std::string_view key) noexcept;

/// Whether the string behind this key of a stage is an expression.
[[nodiscard]] bool is_mongodb_expression_stage(std::string_view key) noexcept;

/// Whether drivers add this member to commands: sessions, times, comments.
[[nodiscard]] bool is_mongodb_envelope(std::string_view key) noexcept;

/// Whether an object with this key is one value: `$oid`, `$date` and others.
[[nodiscard]] bool is_mongodb_wrapper(std::string_view key) noexcept;

/// Whether the text has the form of the name of a command or a collection.
[[nodiscard]] bool is_mongodb_name(std::string_view text) noexcept;

}  // namespace querytap::detail
