#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {

/// What a class offers: the names of its public members, and its public bases.
struct class_members {
  std::set<std::string> names = {};
  std::vector<std::string> bases = {};
};

/// By the class's name with the namespaces below the outermost: `transaction_base`, `prepare::invocation`.
using classes = std::map<std::string, class_members>;

/// Adds the classes that a header defines within the namespace `outermost`. Constructors have the name
/// of the class; destructors, deleted functions, friends and specialisations are left out.
///
/// Errors   std::runtime_error for a text whose brackets do not match.
void add_classes(std::string_view header, std::string_view outermost, classes& found);

}  // namespace querytap::testing
