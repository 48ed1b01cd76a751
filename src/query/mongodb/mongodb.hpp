#pragma once

#include <querytap/base/statement_identity.hpp>

#include <string_view>

namespace querytap::detail {

/// The identity of a MongoDB command in extended JSON. The shape stays: commands, collections,
/// fields, operators, field paths of expressions and directions of sorting; of an array of equal
/// shapes the first stays.
///
/// Source   MongoDB Extended JSON v2; `$queryStats` for the parts of a shape.
[[nodiscard]] statement_identity identify_mongodb(std::string_view command);

}  // namespace querytap::detail
