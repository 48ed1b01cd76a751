#pragma once

#include "section_numbers.hpp"

#include <vector>

namespace querytap::detail {

/// A part that a version of the server does not have.
struct missing_section {
  std::string_view name;
  std::string_view reason;
};

struct server_sections {
  std::vector<server_section> sections = {};
  std::vector<missing_section> missing = {};
};

/// What is asked at every collection, in one message: it costs the server a millisecond or two.
[[nodiscard]] server_sections frequent_sections(int server_version);
/// What is asked every few minutes: settings, and sizes, for which the server looks at its files.
[[nodiscard]] server_sections seldom_sections(int server_version);

/// All databases, of which some are named: see database_numbers.
[[nodiscard]] server_section databases_section(int server_version);

}  // namespace querytap::detail
