#pragma once

#include <querytap/snapshot/catalog.hpp>

#include <array>
#include <string_view>

/// What a Chroma server says of itself. OpenTelemetry has no names for it: these are in its style.
namespace querytap::catalog::chroma {

// A table reads as a table.
// clang-format off
namespace keys {
inline constexpr std::string_view database[] = {"db.namespace", "db.system.name", "server.address", "server.port"};
inline constexpr std::string_view collection[] = {"db.collection.name", "db.namespace", "db.system.name",
                                                  "server.address", "server.port"};
inline constexpr std::string_view setting[] = {"chroma.index.setting", "db.collection.name", "db.namespace",
                                               "db.system.name", "server.address", "server.port"};
inline constexpr std::string_view facts[] = {"chroma.version", "db.namespace", "db.system.name", "server.address",
                                             "server.port"};
}  // namespace keys

inline constexpr instrument server_info{
    "chroma.server.info", "1", instrument_kind::info, "The server's version, as it says itself.", {},
    span_of(keys::facts)};
inline constexpr instrument collection_count{
    "chroma.collection.count", "{collection}", up_down_counter, "Collections of the database.", {},
    span_of(keys::database)};
inline constexpr instrument record_count{
    "chroma.collection.record.count", "{record}", up_down_counter, "Records of a collection.", {},
    span_of(keys::collection)};
inline constexpr instrument dimension{
    "chroma.collection.dimension", "{dimension}", gauge, "Numbers in each vector of a collection.", {},
    span_of(keys::collection)};
inline constexpr instrument index_setting{
    "chroma.index.setting", "1", gauge, "A setting of a collection's index.", {}, span_of(keys::setting)};
inline constexpr instrument index_progress{
    "chroma.index.progress", "1", gauge, "Share of the operations on a collection that its index has.", {},
    span_of(keys::collection), 1'000'000};

inline constexpr std::array all = {&server_info, &collection_count, &record_count, &dimension, &index_setting,
                                   &index_progress};
// clang-format on

}  // namespace querytap::catalog::chroma
