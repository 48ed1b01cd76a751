#pragma once

#include "retrieval/source_labels.hpp"

#include <querytap/query/nearest_neighbours.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace querytap::detail {

/// What a statement that looks for nearest neighbours asks for and returns, by its table.
///
/// Threads  any number at once.
struct search_series {
  search_series(recorder& recorder, std::string_view system, const nearest_neighbours& search) {
    attributes labels = labels_of_source(system, search.table, "vector");
    asked = recorder.bind_histogram(catalog::retrieval_asked, labels);
    returned = recorder.bind_histogram(catalog::retrieval_returned, labels);
    empty = recorder.bind_counter(catalog::retrieval_empty, labels);
    labels.set({"querytap.reason", "unknown"});
    under_return = recorder.bind_counter(catalog::retrieval_under_return, labels);
  }

  void release(recorder& recorder) const noexcept {
    for (const histogram& bound : {asked, returned}) recorder.release(bound);
    for (const counter& bound : {empty, under_return}) recorder.release(bound);
  }

  void add_asked(std::uint64_t count, std::uint64_t rows) const noexcept {
    asked.record(count);
    if (rows < count) under_return.add();
  }
  void add_returned(std::uint64_t rows) const noexcept {
    returned.record(rows);
    if (rows == 0) empty.add();
  }

  histogram asked;
  histogram returned;
  counter empty;
  counter under_return;
};

}  // namespace querytap::detail
