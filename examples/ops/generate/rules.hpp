#pragma once

#include "rules_objectives.hpp"

#include <string>
#include <utility>
#include <vector>

namespace ops_rules {

/// Names of metrics and labels stand in angle brackets in all texts, see with_names().
struct recording_rule {
  std::string record;
  std::string expr;
  std::vector<std::pair<std::string, std::string>> labels = {};
};

struct alerting_rule {
  std::string alert;
  std::string
      severity;       ///< critical: a person is woken; warning: in working hours; info: to be read
  std::string layer;  ///< for routes and inhibition: what the alert speaks of
  std::string expr;
  std::string hold;  ///< `for`
  std::string summary;
  std::string description;  ///< what it means for users
  std::string value = {};
  std::vector<std::pair<std::string, std::string>> labels = {};
  std::string keep = {};  ///< `keep_firing_for`
};

struct rule_group {
  std::string name;
  std::string interval = {};  ///< empty: Prometheus' own
  std::vector<recording_rule> recorded = {};
  std::vector<alerting_rule> alerts = {};
};

/// Which server reads the rules.
enum class store { prometheus, victoria_metrics };

struct rule_options {
  store reader = store::prometheus;
  /// All windows, offsets, intervals and `for` divided by it, to try alerts out. Durations that are written in seconds stay.
  int faster = 1;
};

[[nodiscard]] std::vector<rule_group> recording_groups(const objectives& all, store reader);
[[nodiscard]] std::vector<rule_group> alert_groups(const objectives& all, int faster);
[[nodiscard]] std::vector<rule_group> anomaly_groups();

/// The text of a rule file.
[[nodiscard]] std::string rule_file(const std::vector<rule_group>& groups,
                                    const std::string& runbooks, const rule_options& options);

}  // namespace ops_rules
