#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {

struct exposed_sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value;
};

struct exposed_family {
  std::string name;
  std::string help;
  std::string type;
  std::vector<exposed_sample> samples;
};

/// Reads Prometheus text 0.0.4 and checks every rule of the format.
///
/// Errors   std::runtime_error names the line that breaks a rule: HELP and TYPE once for each
///          family and before its samples, samples named after their family, no sample and no
///          label twice, legal names and escapes, nothing but UTF-8, buckets that ascend and end
///          with the count.
[[nodiscard]] std::vector<exposed_family> parse_exposition(std::string_view text);

/// Every sample as `name{label="value"}` and its value; `le` reads as the number that it is.
[[nodiscard]] std::map<std::string, double> numbers_of(const std::vector<exposed_family>& families);

/// Whether a text is nothing but well-formed UTF-8, by table 3-7 of the Unicode standard.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace querytap::testing
