#pragma once

#include <querytap/snapshot/catalog.hpp>

#include <array>
#include <string_view>

/// What a GPU says of itself.
///
/// Source   OpenTelemetry semantic conventions 1.45 for `hw.*`; `hw.power.limit`, `hw.gpu.speed`, `hw.gpu.slowdown`,
///          `hw.gpu.process.count`, `hw.gpu.info` and `process.gpu.memory.usage` are named in their style.
namespace querytap::catalog::gpu {

// A table reads as a table.
// clang-format off
namespace keys {
inline constexpr std::string_view device[] = {"hw.id", "hw.name"};
inline constexpr std::string_view typed_device[] = {"hw.id", "hw.name", "hw.type"};
inline constexpr std::string_view task[] = {"hw.gpu.task", "hw.id", "hw.name"};
inline constexpr std::string_view clock[] = {"hw.gpu.clock", "hw.id", "hw.name"};
inline constexpr std::string_view slowdown[] = {"hw.gpu.slowdown.reason", "hw.id", "hw.name"};
inline constexpr std::string_view error[] = {"error.type", "hw.id", "hw.name", "hw.type"};
inline constexpr std::string_view limit[] = {"hw.id", "hw.limit_type", "hw.name"};
inline constexpr std::string_view facts[] = {"hw.driver_version", "hw.id", "hw.name", "hw.vendor"};
}  // namespace keys

inline constexpr instrument info{
    "hw.gpu.info", "1", instrument_kind::info, "The GPU and its driver.", {}, span_of(keys::facts)};
inline constexpr instrument utilization{
    "hw.gpu.utilization", "1", gauge, "Share of the time in which the GPU worked.", {}, span_of(keys::task), 1000};
inline constexpr instrument memory_utilization{
    "hw.gpu.memory.utilization", "1", gauge, "Share of the GPU's memory that is used.", {}, span_of(keys::device),
    1'000'000};
inline constexpr instrument memory_controller_utilization{
    "hw.gpu.memory.controller.utilization", "1", gauge,
    "Share of the time in which the GPU's memory was read or written.", {}, span_of(keys::device), 1000};
inline constexpr instrument memory_usage{
    "hw.gpu.memory.usage", "By", up_down_counter, "Memory of the GPU that is used.", {}, span_of(keys::device)};
inline constexpr instrument memory_limit{
    "hw.gpu.memory.limit", "By", up_down_counter, "Memory of the GPU.", {}, span_of(keys::device)};
inline constexpr instrument power{
    "hw.power", "W", gauge, "Power that the GPU takes.", {}, span_of(keys::typed_device), 1000};
inline constexpr instrument power_limit{
    "hw.power.limit", "W", gauge, "Power that the GPU may take.", {}, span_of(keys::typed_device), 1000};
inline constexpr instrument energy{
    "hw.energy", "J", counter, "Energy that the GPU has taken.", {}, span_of(keys::typed_device), 1000};
inline constexpr instrument temperature{
    "hw.temperature", "Cel", gauge, "Temperature of the GPU.", {}, span_of(keys::device)};
inline constexpr instrument temperature_limit{
    "hw.temperature.limit", "Cel", gauge, "Temperature from which on the GPU works slower.", {}, span_of(keys::limit)};
inline constexpr instrument speed{
    "hw.gpu.speed", "Hz", gauge, "Frequency of the GPU's clocks.", {}, span_of(keys::clock)};
inline constexpr instrument slowdown{
    "hw.gpu.slowdown", "1", gauge, "1 while the GPU works slower for this reason, else 0.", {},
    span_of(keys::slowdown)};
inline constexpr instrument errors{
    "hw.errors", "{error}", counter, "Errors of the GPU's memory since the driver was loaded.", {},
    span_of(keys::error)};
inline constexpr instrument process_count{
    "hw.gpu.process.count", "{process}", up_down_counter, "Processes that use the GPU.", {}, span_of(keys::device)};
inline constexpr instrument own_memory{
    "process.gpu.memory.usage", "By", up_down_counter, "Memory of the GPU that this process uses.", {},
    span_of(keys::device)};

inline constexpr std::array all = {
    &info, &utilization, &memory_utilization, &memory_controller_utilization, &memory_usage, &memory_limit, &power,
    &power_limit, &energy, &temperature, &temperature_limit, &speed, &slowdown, &errors, &process_count, &own_memory};
// clang-format on

}  // namespace querytap::catalog::gpu
