#include "sqlite_columns.hpp"

namespace querytap::detail {

// What stands in the draft in double quotes stands where only a name can stand: shown once more, it
// tells nothing new.
bool sqlite_columns::is_name(std::string_view quoted) const noexcept {
  const std::string_view name = quoted.substr(1, quoted.size() - 2);
  if (name.empty() || name.find('"') != name.npos) return false;
  if (columns_.has_column(draft_, name)) return true;
  return draft_.text.find(quoted) != draft_.text.npos;
}

}  // namespace querytap::detail
