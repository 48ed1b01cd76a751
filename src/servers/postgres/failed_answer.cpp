#include "failed_answer.hpp"

#include "../common/measured.hpp"

#include <fmt/format.h>

#include <string_view>

namespace querytap::detail {
namespace {

struct answer_in_words {
  std::string_view sentence;
  std::string_view advice;
};

health_measurement failed_to_answer(std::string sentence, std::string_view advice) {
  return verified("answers", false, health_status::fail, sentence, advice);
}

bool is_of_state_class(std::string_view state, std::string_view group) {
  return state.starts_with(group);
}

answer_in_words words_for_refusal(std::string_view state) {
  if (state == "53300") {
    return {"The server is full: it has no connection left.",
            "Look for pools that are too large and sessions that are idle; the superuser can still "
            "connect and end them."};
  }
  if (state == "57P03") {
    return {"The server is starting up, shutting down or recovering, and takes no connections yet.",
            "Wait for the end of recovery; its log says how far it is."};
  }
  if (is_of_state_class(state, "28")) {
    return {"The server refuses the login.", "Check user, password and pg_hba.conf."};
  }
  if (state == "3D000") {
    return {"The server has no database of that name.", "Check the name of the database."};
  }
  if (is_of_state_class(state, "53")) {
    return {"The server has no memory or disk left for another connection.",
            "Free disk space and memory of the server."};
  }
  return {"The server refuses the connection.", "The server's log says why."};
}

answer_in_words words_for(const unreachable_server& error) {
  switch (error.reason()) {
    case unreachable_reason::no_answer:
      return {
          "The server did not answer in time.",
          "It may be stopped, overloaded or out of reach: look at its host and at the network."};
    case unreachable_reason::nothing_there:
      return {"Nothing listens at the server's address.", "Start the server, or see why it ended."};
    case unreachable_reason::lost:
      return {"The server closed the connection.", "The server's log says whether it crashed."};
    case unreachable_reason::asked_too_soon:
      return {"The server did not answer a moment ago.", "Wait for the next look."};
    case unreachable_reason::refused: return words_for_refusal(error.state());
    case unreachable_reason::other: break;
  }
  return {"The server cannot be reached.", "Check its name and the network."};
}

answer_in_words words_for_statement(std::string_view state) {
  if (state == "57014") {
    return {"The server took too long for the probe's query.", "See what the server is busy with."};
  }
  if (state == "55P03") {
    return {"The probe's query waited too long for a lock.",
            "pg_blocking_pids() names the session that holds it."};
  }
  if (state == "25006") {
    return {"The server takes no writes: it is read-only.",
            "See whether it is a standby, or default_transaction_read_only is on."};
  }
  if (state == "53100") {
    return {"The server's disk is full.", "Free space: the server cannot store anything."};
  }
  if (state == "42501") {
    return {"The user lacks a right that the probe needs.",
            "Grant the rights of the probe's card."};
  }
  if (state == "42P01" || state == "3F000") {
    return {"The probe's table cannot be made or found.",
            "Create it, and grant the user its rights."};
  }
  return {"The server refuses the probe's query.", "The server's log says why."};
}

std::string with_sqlstate(std::string_view sentence, std::string_view state) {
  if (state.empty()) return std::string{sentence};
  return fmt::format("{} (SQLSTATE {})", sentence, state);
}

}  // namespace

health_measurement failed_answer(const unreachable_server& error) {
  const answer_in_words words = words_for(error);
  return failed_to_answer(with_sqlstate(words.sentence, error.state()), words.advice);
}

health_measurement failed_answer(const refused_statement& error) {
  const answer_in_words words = words_for_statement(error.state());
  return failed_to_answer(with_sqlstate(words.sentence, error.state()), words.advice);
}

}  // namespace querytap::detail
