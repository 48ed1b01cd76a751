#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::structure {

/// Each rule returns what breaks it, one sentence each; nothing when all is well. Paths are
/// relative to the top of the tree.
using violations = std::vector<std::string>;

using name_table = std::map<std::string, std::vector<std::string>, std::less<>>;

/// The tables of `include/querytap/README.md`.
struct folder_rules {
  name_table folders;  ///< what each may include
  name_table owners;   ///< outside header: the floors that may include it
  name_table foreign;  ///< public header: the libraries whose types it may show
};

[[nodiscard]] folder_rules parse_folder_rules(std::string_view readme);

/// What each folder may include, and which outside library belongs to which floor.
violations check_includes(const folder_rules& rules, std::string_view path, std::string_view text);

/// A public header includes the standard library and ours; others are on the list.
violations check_foreign(const folder_rules& rules, std::string_view path, std::string_view text);

/// A source that has a header of its name includes it before any other, so that the header is known
/// to compile alone.
violations check_own_header_first(std::string_view path, std::string_view text, bool has_own);

/// No name in the code, texts and comments aside, is one of those that were given up for better ones.
violations check_retired_names(std::string_view path, std::string_view text);

/// No parameter or variable has a name that says nothing: `where`, `what`, `one`, `of`, `to`, `in`, `now`.
violations check_empty_names(std::string_view path, std::string_view text);

/// A header begins with `#pragma once`.
violations check_header_guard(std::string_view path, std::string_view text);

/// No path of the machine on which the file was written.
violations check_machine_paths(std::string_view path, std::string_view text);

/// No `| head` and no `| grep -q`: they leave before the end, and under pipefail the writer's SIGPIPE
/// then fails the script, sometimes.
violations check_left_pipes(std::string_view path, std::string_view text);

/// Nothing at the top but what DESIGN.md allows; dotfiles are free.
violations check_top_level(const std::vector<std::string>& names);

/// Every file is named in the CMakeLists.txt that should build it.
violations check_listed(const std::vector<std::string>& files, std::string_view build_file);

/// The README's block after `<!-- NAME -->` equals what the example shows between its markers.
violations check_readme(std::string_view readme, std::string_view name, std::string_view example);

/// The C++ blocks of a guide equal, one by one, the regions of the program beside it between
/// `// [guide]` and `// [/guide]`, without the indentation of a region.
violations check_guide(std::string_view path, std::string_view guide, std::string_view program);

/// The PromQL blocks of a guide equal, one by one, the blocks `expr: |` of a file of rules.
violations check_expressions(std::string_view path, std::string_view guide, std::string_view rules);

/// Every instrument of the catalog is named by some other text: `catalog::NAME`.
violations check_emitted(std::string_view catalog, std::string_view sources);

/// The files that a markdown text links to, as written; addresses of other hosts are left out.
[[nodiscard]] std::vector<std::string> linked_files(std::string_view markdown);

}  // namespace querytap::structure
