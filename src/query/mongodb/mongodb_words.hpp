#pragma once

#include <querytap/base/statement_identity.hpp>

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// The content of a part of a command.
enum class mongodb_part : std::uint8_t {
  values,  ///< filters, documents, and any unknown part
  command,
  pipeline,
  stage,       ///< of a pipeline
  facet,       ///< pipelines by name
  join,        ///< a stage such as $lookup: collections and fields by name
  expression,  ///< where "$field" names a field
  directions,  ///< of sorting, or the fields of a projection
};

/// The part that a key of `outer` holds.
[[nodiscard]] mongodb_part mongodb_part_of(mongodb_part outer, bool is_in_array,
                                           std::string_view key) noexcept;

[[nodiscard]] statement_kind kind_of_mongodb_command(std::string_view name) noexcept;
/// Whether the value of the command's own key is the name of a collection.
[[nodiscard]] bool names_mongodb_collection(std::string_view command) noexcept;
[[nodiscard]] bool is_mongodb_collection_key(std::string_view key) noexcept;
[[nodiscard]] bool is_mongodb_join_field(std::string_view key) noexcept;

/// Whether drivers add this member to commands: sessions, times, comments.
[[nodiscard]] bool is_mongodb_envelope(std::string_view key) noexcept;

/// Whether an object with this key is one value: `$oid`, `$date` and others.
[[nodiscard]] bool is_mongodb_wrapper(std::string_view key) noexcept;

/// Whether the text has the form of a field name, rather than of data used as a name.
[[nodiscard]] bool is_mongodb_field(std::string_view text) noexcept;

}  // namespace querytap::detail
