#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// The values that the query of a URL gives for one name, decoded: `name[]=a&name%5B%5D=b`.
[[nodiscard]] std::vector<std::string> query_values(std::string_view query, std::string_view name);

}  // namespace querytap::detail
