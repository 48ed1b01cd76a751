#pragma once

#include "../common/family_cache.hpp"
#include "../common/family_plan.hpp"
#include "block_text.hpp"
#include "bucket_exemplars.hpp"
#include "classic_counts.hpp"
#include "scrape_buffer.hpp"

#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace querytap::detail {

enum class text_dialect : std::uint8_t { prometheus, open_metrics };

/// Both of Prometheus' text formats: they differ in how a family is announced, in how a bound is
/// written, and in exemplars, which OpenMetrics alone has.
class text_exposition {
 public:
  explicit text_exposition(text_dialect dialect) noexcept : dialect_{dialect} {}

  void render(const snapshot& from, std::string& into);

 private:
  // How the lines of the buckets go on after the labels: `,le="0.001"} `; the last is +Inf.
  struct bucket_ends {
    std::vector<double> bounds;
    std::vector<block_text> after_labels;
    std::vector<block_text> alone;  // for series without labels
    std::size_t bytes = 0;          // of all of them
  };
  // What stays the same of a series from scrape to scrape.
  struct prepared_series {
    block_text labels;                        // `a="b",c="d"`
    std::shared_ptr<const bucket_ends> ends;  // null for what is no histogram
    std::size_t most_bytes = 0;               // without exemplars
  };
  struct family {
    std::string name;    // as announced
    std::string header;  // HELP, TYPE and UNIT
    block_text value;    // the name of the sample of counters and gauges
    block_text bucket;   // `name_bucket{`
    block_text sum;
    block_text count;
    double recorded_per_unit = 1;
    std::shared_ptr<const bucket_ends> ends;  // of the last series that was prepared
    family_plan<prepared_series> plan;
    std::size_t most_bytes = 0;
  };

  [[nodiscard]] family make_family(const instrument& what) const;
  [[nodiscard]] prepared_series prepare(family& in, const point& first) const;
  [[nodiscard]] std::shared_ptr<const bucket_ends> make_ends(std::span<const double> bounds) const;
  [[nodiscard]] std::string info_of(const attributes& resource) const;
  family& follow(const metric& to);
  void render_family(const family& in, const metric& from, scrape_buffer& to);
  char* render_histogram(const family& in, const prepared_series& of, point_range points, char* at);

  text_dialect dialect_;
  family_cache<family> families_;
  // Room to work in, kept from series to series.
  classic_counts counts_;
  bucket_exemplars exemplars_;
};

}  // namespace querytap::detail
