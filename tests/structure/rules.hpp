#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace querytap::structure {

/// Each rule returns what breaks it, one sentence each; nothing when all is well. Paths are
/// relative to the top of the tree.
using violations = std::vector<std::string>;

/// DESIGN.md's table of what each folder may include, and which outside library belongs to which
/// folder.
violations check_includes(std::string_view path, std::string_view text);

/// A header begins with `#pragma once`.
violations check_header_guard(std::string_view path, std::string_view text);

/// No path of the machine on which the file was written.
violations check_machine_paths(std::string_view path, std::string_view text);

/// Nothing at the top but what DESIGN.md allows; dotfiles are free.
violations check_top_level(const std::vector<std::string>& names);

/// Every file is named in the CMakeLists.txt that should build it.
violations check_listed(const std::vector<std::string>& files, std::string_view build_file);

/// The README's block after `<!-- NAME -->` equals what the example shows between its markers.
violations check_readme(std::string_view readme, std::string_view name, std::string_view example);

}  // namespace querytap::structure
