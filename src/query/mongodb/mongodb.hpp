#pragma once

#include <querytap/base/statement_identity.hpp>

#include <string_view>

namespace querytap::detail {

/// A command of MongoDB as extended JSON. The shape stays: commands, collections, fields, operators,
/// field paths of expressions and directions of sorting; an array of equal shapes is one of them.
///
/// Source   MongoDB Extended JSON v2; `$queryStats` for what belongs to a shape.
[[nodiscard]] statement_identity identify_mongodb(std::string_view command);

}  // namespace querytap::detail
