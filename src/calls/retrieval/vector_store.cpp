#include <querytap/calls/retrieval/vector_store.hpp>

#include "open_collections.hpp"

#include <querytap/recording/recorder.hpp>

namespace querytap {

vector_store::vector_store(recorder& telemetry, vector_store_options options)
    : recorder_{&telemetry},
      options_{std::move(options)},
      backend_{telemetry,
               {.system = options_.system,
                .database = options_.database,
                .server_address = options_.server_address,
                .server_port = options_.server_port,
                .dialect = dialect::named,
                .slow_threshold = options_.slow_threshold,
                .slow_multiple = options_.slow_multiple}} {}

vector_collection vector_store::collection(std::string_view name, std::string_view strategy) const {
  return vector_collection{
      recorder_->part<detail::open_collections>().open(options_, backend_, name, strategy)};
}

vector_collection::vector_collection(std::shared_ptr<detail::collection_state> state) noexcept
    : state_{std::move(state)} {}
vector_collection::vector_collection(vector_collection&&) noexcept = default;
vector_collection& vector_collection::operator=(vector_collection&&) noexcept = default;
vector_collection::~vector_collection() = default;

vector_search vector_collection::search(const search_shape& shape,
                                        code_location site) const noexcept {
  const statement& searched = state_->statement_for("query", shape.metric, shape.filter.text());
  return {*state_,       state_->filter_entry(shape.filter),
          searched,      shape.k,
          shape.vectors, shape.has_threshold,
          site};
}

vector_call vector_collection::call(std::string_view operation, std::uint64_t records,
                                    code_location site) const noexcept {
  return {state_->statement_for(operation, {}, {}), records, site};
}

}  // namespace querytap
