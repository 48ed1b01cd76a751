#pragma once

#include <querytap/snapshot/instrument.hpp>

namespace rag_chatbot {

inline constexpr double stage_bounds[] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};

/// A metric of the service's own, beside those of the library.
inline constexpr querytap::instrument stage_duration{
    .name = "rag_chatbot.stage.duration",
    .unit = "s",
    .kind = querytap::instrument_kind::histogram,
    .description = "Time that each stage of retrieval and generation takes.",
    .bounds = stage_bounds};

}  // namespace rag_chatbot
