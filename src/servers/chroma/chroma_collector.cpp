#include <querytap/servers/chroma/chroma_collector.hpp>

#include "chroma_instruments.hpp"
#include "chroma_session.hpp"

#include <querytap/calls/http_service.hpp>

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace querytap {
namespace detail {

/// Of one collection.
struct counted_records {
  std::optional<std::int64_t> records = {};
  std::optional<double> indexed = {};
  std::string refusal = {};  ///< why there are none
};

}  // namespace detail
namespace {

using detail::chroma_collection;
using detail::chroma_session;

/// The numbers among them; the space and the like are words.
void add_settings(collected& found, const chroma_collection& collection) {
  for (const auto& [name, value] : collection.settings.items()) {
    if (!value.is_number()) continue;
    found.add(catalog::chroma::index_setting, value.get<double>(),
              {{"chroma.index.setting", name}, {"db.collection.name", collection.name}});
  }
}

}  // namespace

struct chroma_collector::state {
  void count(const chroma_session& session, const std::vector<chroma_collection>& collections) {
    const auto start = std::chrono::steady_clock::now();
    if (start < next_count) return;
    counts.clear();
    offers_progress = false;
    for (const chroma_collection& collection : collections) {
      counts.emplace(collection.name, counted(session, collection));
    }
    constexpr int times_as_long = 200;
    next_count = start + times_as_long * (std::chrono::steady_clock::now() - start);
  }

  // One collection that is damaged takes the numbers of no other along.
  [[nodiscard]] detail::counted_records counted(const chroma_session& session,
                                                const chroma_collection& collection) {
    try {
      detail::counted_records counted{.records = session.count(collection)};
      // A version that does not offer it for one does not for any.
      if (offers_progress || counts.empty()) counted.indexed = session.indexed_share(collection);
      offers_progress = offers_progress || counted.indexed.has_value();
      return counted;
    } catch (const detail::chroma_refusal& refusal) {
      return {.refusal = refusal.what()};
    }
  }

  void add_counts(collected& found) const {
    for (const auto& [name, counted] : counts) {
      found.add(catalog::chroma::record_count, counted.records, {{"db.collection.name", name}});
      found.add(catalog::chroma::index_progress, counted.indexed, {{"db.collection.name", name}});
      if (!counted.records) found.lacks("chroma.collection.record.count " + name, counted.refusal);
    }
    if (!offers_progress && !counts.empty()) {
      found.lacks("chroma.index.progress", "this version of Chroma does not offer it");
    }
  }

  void collect(collected& found, deadline until) {
    const chroma_session session{address, until};
    if (const std::string version = session.version(); !version.empty()) {
      found.add(catalog::chroma::server_info, 1, {{"chroma.version", version}});
    }
    const std::int64_t all = session.count_collections();
    found.add(catalog::chroma::collection_count, all);
    const auto collections = session.collections(options.most_collections);
    for (const chroma_collection& collection : collections) {
      found.add(catalog::chroma::dimension, collection.dimension,
                {{"db.collection.name", collection.name}});
      add_settings(found, collection);
    }
    const auto left_out = all - static_cast<std::int64_t>(collections.size());
    if (left_out > 0) {
      found.lacks("chroma.collection.record.count",
                  std::to_string(left_out) + " collections are past most_collections");
    }
    count(session, collections);
    add_counts(found);
  }

  const chroma_collector_options options;
  const detail::chroma_address address;
  const http::origin server;
  std::map<std::string, detail::counted_records> counts = {};
  std::chrono::steady_clock::time_point next_count = {};
  bool offers_progress = false;
};

chroma_collector::chroma_collector(chroma_collector_options options)
    : state_{new state{.options = options,
                       .address = {.url = options.url,
                                   .tenant = options.tenant,
                                   .database = options.database,
                                   .token = options.token},
                       .server = http::origin_of(options.url)}} {
  detail::check_address(state_->address);
}
chroma_collector::~chroma_collector() = default;

std::string chroma_collector::name() const {
  return "chroma " + state_->server.host + ':' + std::to_string(state_->server.port) + ' ' +
         state_->options.database;
}
std::chrono::nanoseconds chroma_collector::interval() const { return state_->options.interval; }

void chroma_collector::collect(collected& found, deadline until) {
  found.set_common({{"db.namespace", state_->options.tenant + '|' + state_->options.database},
                    {"db.system.name", "chroma"},
                    {"server.address", state_->server.host},
                    {"server.port", static_cast<std::int64_t>(state_->server.port)}});
  try {
    state_->collect(found, until);
  } catch (const detail::chroma_refusal& refusal) {
    throw collect_error{refusal.what()};
  }
}

}  // namespace querytap
