#include <querytap/servers/chroma/chroma_search_probe.hpp>

#include "../common/measured.hpp"
#include "chroma_session.hpp"
#include "remembered_vectors.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>

namespace querytap {
namespace {

using detail::chroma_collection;
using detail::chroma_refusal;
using detail::chroma_session;
using detail::chroma_vector;
using detail::search_result;

constexpr std::string_view advice_for_index =
    "restore the collection, or embed its documents anew into a new one; look at the server's log "
    "and disk";

chroma_vector known_vector(std::mt19937_64& random) {
  constexpr std::size_t dimensions = 8;
  chroma_vector made{.id = fmt::format("probe-{:016x}", random())};
  std::uniform_real_distribution<float> values{-1, 1};
  for (std::size_t i = 0; i < dimensions; ++i) made.values.push_back(values(random));
  return made;
}

std::int64_t seconds_since_epoch() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string reason_of_refusal(const std::string& collection, const chroma_refusal& refusal,
                              std::int64_t records) {
  if (refusal.status() == 404 && records == 0) {
    return fmt::format("there is no collection {}", collection);
  }
  std::string reason = fmt::format("of {}, {}", collection, refusal.what());
  if (records > 0 && refusal.status() >= 500) {
    reason += fmt::format(
        ", while count() says {} records: its index is damaged or cannot be loaded", records);
  }
  return reason;
}

health_measurement judged_search(const std::string& collection, const search_result& result) {
  health_measurement measured{
      .name = "search_" + collection, .value = result.not_found, .unit = "{vector}", .limit = 1};
  if (result.not_found > 0) {
    measured.status = health_status::fail;
    measured.reason = fmt::format(
        "{} of {} stored vectors of {} are not their own nearest neighbours (the nearest is at "
        "distance "
        "{:.3g}), while count() says {} records",
        result.not_found, result.searched, collection, result.farthest, result.records);
    measured.advice = advice_for_index;
  } else if (result.changed > 1 && result.changed == result.remembered) {
    measured.status = health_status::warn;
    measured.reason =
        fmt::format("all {} vectors of {} that are watched have other values than before",
                    result.changed, collection);
    measured.advice =
        "if the application has not embedded its documents anew, the index is damaged";
  }
  return measured;
}

}  // namespace

struct chroma_search_probe::state {
  [[nodiscard]] health_measurement look_at_own(const chroma_session& session,
                                               std::chrono::nanoseconds& slowest) {
    const std::string name = "search_" + options.own_collection;
    try {
      const chroma_collection own = session.made_collection(options.own_collection);
      remove_leftovers(session, own);
      const chroma_vector known = known_vector(random);
      session.upsert(own, known, seconds_since_epoch());
      const auto start = std::chrono::steady_clock::now();
      const auto nearest = session.nearest(own, known.values);
      slowest = std::chrono::steady_clock::now() - start;
      session.remove(own, known.id);
      const bool is_found = nearest && nearest->id == known.id && nearest->distance &&
                            detail::is_same_vector(*nearest->distance, known.values, own.space);
      return detail::verified(name, is_found, health_status::fail,
                              "a vector that was just written is not its own nearest neighbour",
                              advice_for_index);
    } catch (const chroma_refusal& refusal) {
      return detail::verified(name, false, health_status::fail,
                              reason_of_refusal(options.own_collection, refusal, 0),
                              detail::advice_for_status(refusal.status()));
    }
  }

  // Of looks that ended before they had deleted theirs. Others may be at it in this collection now.
  void remove_leftovers(const chroma_session& session, const chroma_collection& own) {
    if (is_tidy) return;
    constexpr std::int64_t hour = 3600;
    session.remove_written_before(own, seconds_since_epoch() - hour);
    is_tidy = true;
  }

  [[nodiscard]] health_measurement look_at(const chroma_session& session,
                                           const std::string& collection,
                                           std::chrono::nanoseconds& slowest) {
    search_result result;
    try {
      remembered[collection].look(session, session.collection(collection), result);
    } catch (const chroma_refusal& refusal) {
      return detail::verified("search_" + collection, false, health_status::fail,
                              reason_of_refusal(collection, refusal, result.records),
                              advice_for_index);
    }
    slowest = std::max(slowest, result.slowest);
    return judged_search(collection, result);
  }

  const chroma_search_probe_options options;
  const detail::chroma_address address;
  std::mt19937_64 random = std::mt19937_64{std::random_device{}()};
  std::map<std::string, detail::remembered_vectors, std::less<>> remembered = {};
  bool is_tidy = false;
};

chroma_search_probe::chroma_search_probe(chroma_search_probe_options options)
    : state_{new state{.options = options,
                       .address = {.url = options.url,
                                   .tenant = options.tenant,
                                   .database = options.database,
                                   .token = options.token}}} {
  detail::check_address(state_->address);
}
chroma_search_probe::~chroma_search_probe() = default;

health_answer chroma_search_probe::look(deadline until) {
  const chroma_session session{state_->address, until};
  std::chrono::nanoseconds slowest{};
  health_answer answer;
  if (!state_->options.own_collection.empty()) {
    answer.measurements.push_back(state_->look_at_own(session, slowest));
  }
  for (const std::string& collection : state_->options.collections) {
    answer.measurements.push_back(state_->look_at(session, collection, slowest));
  }
  const auto seconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double>{time}.count();
  };
  answer.measurements.push_back(detail::measured(
      "search_time", seconds(slowest), "s", {.warn = seconds(state_->options.slow)},
      "a search took " + human_duration(slowest),
      "look at the load of the server, and whether its indexes fit into memory"));
  return answer;
}

}  // namespace querytap
