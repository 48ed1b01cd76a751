#include <querytap/decorators/chroma/client.hpp>

#include "collection_calls.hpp"
#include "replies.hpp"
#include "request_text.hpp"

namespace querytap::chroma {

using detail::client_state;

client::client(recorder& telemetry, std::string_view url, client_options options)
    : share_{new detail::client_share{
          std::make_shared<client_state>(telemetry, url, std::move(options))}} {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

client_state& client::state() const noexcept { return *share_->state; }

// A heartbeat that is no call of the application's: its time is the connection's alone.
void client::connect() {
  const querytap::backend& backend = state().store().backend();
  const clock& time = backend.time();
  const std::uint64_t begin = time.ticks();
  const auto record = [&] {
    backend.record_phase("connect", std::chrono::nanoseconds{static_cast<std::int64_t>(
                                        time.nanoseconds_between(begin, time.ticks()))});
  };
  try {
    static_cast<void>(state().send_untimed({.method = "GET", .path = "/heartbeat"}));
  } catch (...) {
    record();
    throw;
  }
  record();
}

std::chrono::nanoseconds client::heartbeat(code_location site) {
  operation timed = state().begin("heartbeat", site);
  const std::string body = state().send(timed, {.method = "GET", .path = "/heartbeat"});
  return client_state::reading(timed, [&] { return detail::parse_heartbeat(body); });
}

collection client::create_collection(std::string_view name, const create_options& options,
                                     code_location site) {
  const std::string text = detail::text_of_create(name, options);
  operation timed = state().begin("create_collection", name, site);
  const std::string body = state().send(
      timed,
      {.method = "POST",
       .path = state().database_path("/collections"),
       .body = text,
       .repeated = options.get_or_create ? http::repetition::harmless : http::repetition::harmful});
  return open_collection(
      client_state::reading(timed, [&] { return detail::parse_collection(body); }));
}

collection client::get_collection(std::string_view name, code_location site) {
  const std::string path = state().collection_path(name);
  operation timed = state().begin("get_collection", name, site);
  const std::string body = state().send(timed, {.method = "GET", .path = path});
  return open_collection(
      client_state::reading(timed, [&] { return detail::parse_collection(body); }));
}

collection client::open_collection(const collection_info& info) {
  return collection{querytap::detail::pimpl<detail::collection_calls>{
      new detail::collection_calls{share_->state, info}}};
}

std::vector<collection_info> client::list_collections(std::optional<std::uint32_t> limit,
                                                      std::uint32_t offset, code_location site) {
  std::string path = state().database_path("/collections?offset=") + std::to_string(offset);
  if (limit) path += "&limit=" + std::to_string(*limit);
  operation timed = state().begin("list_collections", site);
  const std::string body = state().send(timed, {.method = "GET", .path = path});
  auto collections = client_state::reading(timed, [&] { return detail::parse_collections(body); });
  timed.rows(collections.size());
  return collections;
}

std::uint64_t client::count_collections(code_location site) {
  operation timed = state().begin("count_collections", site);
  const std::string body =
      state().send(timed, {.method = "GET", .path = state().database_path("/collections_count")});
  return client_state::reading(timed, [&] { return detail::parse_count(body); });
}

void client::delete_collection(std::string_view name, code_location site) {
  const std::string path = state().collection_path(name);
  operation timed = state().begin("delete_collection", name, site);
  static_cast<void>(state().send(
      timed, {.method = "DELETE", .path = path, .repeated = http::repetition::harmful}));
}

}  // namespace querytap::chroma
