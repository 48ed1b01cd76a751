#include "collection_calls.hpp"

#include "checks.hpp"
#include "replies.hpp"
#include "request_text.hpp"

#include <limits>

namespace querytap::chroma::detail {
namespace {

// NaN where Chroma has no number: it counts nowhere.
std::vector<double> distances_of(const std::vector<found_record>& found) {
  std::vector<double> distances;
  distances.reserve(found.size());
  for (const found_record& record : found) {
    distances.push_back(record.distance.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  return distances;
}

}  // namespace

collection_calls::collection_calls(std::shared_ptr<client_state> client,
                                   const collection_info& info)
    : client_{std::move(client)},
      info_{info},
      timed_{client_->store().collection(info.name, client_->options().strategy)},
      dimension_{info.dimension.value_or(0)} {}

void collection_calls::learn_dimension(const std::vector<std::vector<float>>& vectors) noexcept {
  if (!vectors.empty())
    dimension_.store(static_cast<std::uint32_t>(vectors.front().size()), std::memory_order_relaxed);
}

void collection_calls::write(std::string_view operation, const records& written, bool needs_vectors,
                             code_location site) {
  check_records(info_.name, written, dimension_.load(std::memory_order_relaxed),
                needs_vectors ? vectors_needed::yes : vectors_needed::no);
  check_batch(info_.name, written.ids.size(), client_->largest_batch(site));
  const std::string body = text_of_records(written);
  vector_call call = timed_.call(operation, written.ids.size(), site);
  static_cast<void>(client_->send(
      call.timed(), {.method = "POST", .path = path('/' + std::string{operation}), .body = body}));
  learn_dimension(written.embeddings);
}

void collection_calls::remove(const remove_options& removed, code_location site) {
  if (removed.ids.empty() && removed.filter.empty() && removed.document_filter.empty()) {
    throw invalid_input{"querytap: chroma: " + info_.name +
                        ": expected ids or a filter: Chroma would delete nothing"};
  }
  const std::string body = text_of_remove(removed);
  vector_call call = timed_.remove(removed.ids.size(), site);
  static_cast<void>(
      client_->send(call.timed(), {.method = "POST", .path = path("/delete"), .body = body}));
}

std::vector<std::vector<found_record>> collection_calls::query(
    std::span<const std::vector<float>> vectors, const query_options& options, code_location site) {
  if (vectors.empty() || options.k == 0) {
    throw invalid_input{"querytap: chroma: " + info_.name +
                        ": expected a vector, and a k of at least 1"};
  }
  check_vectors(info_.name, vectors, dimension_.load(std::memory_order_relaxed));
  const filter_shape filter = shape_of_filters(options.filter, options.document_filter);
  const std::string body = text_of_query(vectors, options);
  vector_search search = timed_.search(
      {.k = options.k, .filter = filter, .metric = info_.space, .vectors = vectors.size()}, site);
  const std::string reply =
      client_->send(search.timed(), {.method = "POST", .path = path("/query"), .body = body});
  auto found = client_state::reading(search.timed(),
                                     [&] { return parse_query_reply(reply, vectors.size()); });
  for (const std::vector<found_record>& nearest : found)
    search.returned(nearest.size(), distances_of(nearest));
  if (client_->options().explains_missing)
    search.explain([&] { return count_matching(options, site); });
  return found;
}

std::vector<found_record> collection_calls::get(const get_options& options, code_location site) {
  const std::string body = text_of_get(options);
  vector_call call = timed_.get(options.ids.size(), site);
  const std::string reply =
      client_->send(call.timed(), {.method = "POST", .path = path("/get"), .body = body});
  auto found = client_state::reading(call.timed(), [&] { return parse_get_reply(reply); });
  call.returned(found.size());
  return found;
}

std::uint64_t collection_calls::count(code_location site) {
  vector_call call = timed_.count(site);
  const std::string reply = client_->send(call.timed(), {.method = "GET", .path = path("/count")});
  return client_state::reading(call.timed(), [&] { return parse_count(reply); });
}

std::uint64_t collection_calls::count_matching(const query_options& options, code_location site) {
  if (options.filter.empty() && options.document_filter.empty()) return count(site);
  return get({.filter = options.filter,
              .document_filter = options.document_filter,
              .limit = options.k,
              .parts = {.documents = false}},
             site)
      .size();
}

}  // namespace querytap::chroma::detail
