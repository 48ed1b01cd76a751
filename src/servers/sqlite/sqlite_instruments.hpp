#pragma once

#include <querytap/snapshot/catalog.hpp>

#include <array>
#include <string_view>

/// What a SQLite database says of itself. OpenTelemetry has no names for it: these are in its style.
namespace querytap::catalog::sqlite {

// A table reads as a table.
// clang-format off
namespace keys {
inline constexpr std::string_view database[] = {"db.namespace", "db.system.name", "sqlite.database.id"};
inline constexpr std::string_view file[] = {
    "db.namespace", "db.system.name", "sqlite.database.id", "sqlite.file"};
inline constexpr std::string_view page[] = {
    "db.namespace", "db.system.name", "sqlite.database.id", "sqlite.page.state"};
inline constexpr std::string_view result[] = {
    "db.namespace", "db.system.name", "sqlite.database.id", "sqlite.cache.result"};
inline constexpr std::string_view part[] = {
    "db.namespace", "db.system.name", "sqlite.database.id", "sqlite.memory.part"};
inline constexpr std::string_view object[] = {
    "db.namespace", "db.system.name", "sqlite.database.id", "sqlite.object.name"};
}  // namespace keys

inline constexpr instrument file_size{
    "sqlite.file.size", "By", up_down_counter, "Size of the database file, and of those beside it.", {},
    span_of(keys::file)};
inline constexpr instrument page_count{
    "sqlite.page.count", "{page}", up_down_counter, "Pages of the database.", {}, span_of(keys::page)};
inline constexpr instrument page_size{
    "sqlite.page.size", "By", gauge, "Size of a page.", {}, span_of(keys::database)};
inline constexpr instrument schema_version{
    "sqlite.schema.version", "1", gauge, "Rises with each change of the schema.", {}, span_of(keys::database)};
inline constexpr instrument cache_lookups{
    "sqlite.cache.lookups", "{page}", counter, "Pages that the connection looked for in its page cache.", {},
    span_of(keys::result)};
inline constexpr instrument cache_writes{
    "sqlite.cache.writes", "{page}", counter, "Pages that went from the page cache to storage.", {},
    span_of(keys::database)};
inline constexpr instrument cache_spills{
    "sqlite.cache.spills", "{page}", counter, "Pages that were written amid a transaction, as the cache was full.", {},
    span_of(keys::database)};
inline constexpr instrument connection_memory{
    "sqlite.connection.memory", "By", up_down_counter, "Memory of the connection.", {}, span_of(keys::part)};
inline constexpr instrument library_memory{
    "sqlite.memory.usage", "By", up_down_counter, "Memory of SQLite in this process, all databases together.", {},
    span_of(keys::database)};
inline constexpr instrument object_size{
    "sqlite.object.size", "By", up_down_counter, "Size of a table or an index.", {}, span_of(keys::object)};
inline constexpr instrument object_unused{
    "sqlite.object.unused", "By", up_down_counter, "Space within the pages of a table or an index that is not used.",
    {}, span_of(keys::object)};

inline constexpr std::array all = {
    &file_size, &page_count, &page_size, &schema_version, &cache_lookups, &cache_writes, &cache_spills,
    &connection_memory, &library_memory, &object_size, &object_unused};
// clang-format on

}  // namespace querytap::catalog::sqlite
