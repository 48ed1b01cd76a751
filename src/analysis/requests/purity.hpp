#pragma once

#include <querytap/base/dialect.hpp>

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// What a call of a function depends on and changes, the most harmless first.
enum class effect : std::uint8_t {
  pure,     ///< only on its arguments and the tables: the same again gives the same
  moment,   ///< also on the time or the session
  unknown,  ///< a function of the application, say
  impure,   ///< each call counts: it changes something, or answers anew each time
};

/// Of the function with this name, in any case.
[[nodiscard]] effect effect_of_function(std::string_view name, dialect dialect) noexcept;

/// Whether a read may give something else after a call of the function: it changes data or a setting,
/// or waits for others, who may have changed something meanwhile. Of functions that are impure: of a
/// function that is unknown nobody can say.
[[nodiscard]] bool changes_later_reads(std::string_view name) noexcept;

/// Of a word without brackets behind it, such as CURRENT_TIMESTAMP.
[[nodiscard]] effect effect_of_word(std::string_view word) noexcept;

/// Whether the name, with or without a schema, is that of a view of the server's own state, which is
/// another at each look.
[[nodiscard]] bool is_view_of_server(std::string_view table) noexcept;

/// Whether the function gives what the last insert of the session has generated.
[[nodiscard]] bool gives_generated_value(std::string_view name) noexcept;

/// Whether the function makes one value of many rows.
[[nodiscard]] bool is_aggregate_function(std::string_view name) noexcept;

}  // namespace querytap::detail
