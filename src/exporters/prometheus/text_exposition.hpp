#pragma once

#include "../common/family_cache.hpp"
#include "../common/family_plan.hpp"
#include "../common/output_buffer.hpp"
#include "block_text.hpp"
#include "bucket_exemplars.hpp"
#include "classic_counts.hpp"
#include "exposition_metrics.hpp"
#include "family_names.hpp"
#include "series_labels.hpp"

#include <querytap/exporters/prometheus/family_filter.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace querytap::detail {

enum class text_dialect : std::uint8_t { prometheus, open_metrics };

/// Both of Prometheus' text formats. They differ in the header of a family, in the form of a bound,
/// and in exemplars, which only OpenMetrics has.
class text_exposition {
 public:
  explicit text_exposition(text_dialect dialect) noexcept : dialect_{dialect} {}

  /// `accepts` is called once for each family, in their order.
  void render(const snapshot& snapshot, const family_filter& accepts, std::string& body);

 private:
  // The rest of each bucket line after the labels: `,le="0.001"} `; the last is +Inf.
  struct bucket_ends {
    std::vector<double> bounds;
    std::vector<block_text> after_labels;
    std::vector<block_text> alone;  // for series without labels
    std::size_t bytes = 0;          // of all after_labels
  };
  // The parts of a series that are the same in every scrape.
  struct prepared_series {
    block_text labels;                             // `a="b",c="d"`
    std::shared_ptr<const bucket_ends> ends = {};  // null unless it is a histogram
    std::size_t most_bytes = 0;                    // without exemplars
    bool is_renamed = false;
    distinct_texts::holder holder = {};  // of the labels
  };
  struct cached_family {
    family_name name;
    std::string header;  // HELP, TYPE and UNIT
    block_text value;    // the name of the sample of counters and gauges
    block_text bucket;   // `name_bucket{`
    block_text sum;
    block_text count;
    double recorded_per_unit = 1;
    std::shared_ptr<const bucket_ends> ends;  // of the last series that was prepared
    label_sets labels;
    family_plan<prepared_series> plan;
    std::size_t most_bytes = 0;
    std::size_t renamed = 0;  // series
  };
  using followed_family = std::pair<const cached_family*, const metric*>;

  [[nodiscard]] cached_family make_family(const instrument& instrument);
  [[nodiscard]] std::string header_of(const family_name& name, const instrument& instrument) const;
  [[nodiscard]] prepared_series prepare(cached_family& family, const point& first) const;
  [[nodiscard]] std::shared_ptr<const bucket_ends> make_ends(std::span<const double> bounds) const;
  [[nodiscard]] std::vector<followed_family> follow_all(const snapshot& snapshot);
  const cached_family& follow(const metric& metric);
  void render_family(const cached_family& family, const metric& metric, output_buffer& out);
  char* render_histogram(const cached_family& family, const prepared_series& series,
                         point_range points, char* out);

  text_dialect dialect_;
  exposition_metrics own_metrics_;
  family_names names_;
  family_cache<cached_family> families_;
  // Buffers, used again from series to series.
  classic_counts counts_;
  bucket_exemplars exemplars_;
};

}  // namespace querytap::detail
