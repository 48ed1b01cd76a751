#pragma once

#include <querytap/query/quoting.hpp>

#include <string_view>
#include <vector>

namespace querytap::mysql::detail {

/// The statements of a text, if there are several and each of them has exactly one result. Else
/// nothing: a CALL has as many results as its procedure likes, and the body of a procedure is no
/// sequence of statements.
[[nodiscard]] std::vector<std::string_view> several_statements(std::string_view sql,
                                                               const quoting& quotes);

/// Whether the text itself may change how a later part of it is read: it sets sql_mode, or it has
/// statements of which an earlier one may.
[[nodiscard]] bool may_change_quoting(std::string_view sql) noexcept;

}  // namespace querytap::mysql::detail
