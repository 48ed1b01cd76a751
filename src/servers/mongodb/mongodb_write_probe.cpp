#include <querytap/servers/mongodb/mongodb_write_probe.hpp>

#include "../common/measured.hpp"
#include "mongodb_session.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <random>
#include <string>

namespace querytap {
namespace {

constexpr std::string_view advice_for_mongodb_write =
    "See the meaning of the error: 13 is a missing right, 10107 a server that is not the primary.";

health_measurement refused_write_of_mongodb(std::string_view reason) {
  return detail::verified("write", false, health_status::fail, reason, advice_for_mongodb_write);
}

}  // namespace

class mongodb_write_probe::state {
 public:
  // Several processes may probe one server: each has a document of its own.
  explicit state(const mongodb_write_probe_options& options)
      : database_{options.database},
        collection_{options.collection},
        id_{std::random_device{}()},
        session_{options.server} {}

  health_answer look(deadline until) {
    try {
      return write_and_read(until);
    } catch (const detail::refused_by_mongodb& refusal) {
      return {{refused_write_of_mongodb(refusal.what())}};
    }
  }

 private:
  using json = nlohmann::json;

  detail::mongodb_document ask(const char* name, json rest, deadline until) {
    // The command's own name is its first key, and nlohmann sorts them.
    const std::string text = fmt::format("{{{}: {}, {}", json(name).dump(),
                                         json(collection_).dump(), rest.dump().substr(1));
    return session_.ask(database_, text, until);
  }

  health_answer write_and_read(deadline until) {
    const auto value = static_cast<std::int64_t>(++turn_);
    const json own = json::object({{"_id", id_}});
    const detail::mongodb_document written = ask(
        "update",
        {{"updates",
          json::array({{{"q", own}, {"u", {{"_id", id_}, {"value", value}}}, {"upsert", true}}})}},
        until);
    // An answer may be well, and name what could not be written.
    if (const auto code = written.number("writeErrors.0.code")) {
      return {{refused_write_of_mongodb(fmt::format("the server refuses with error {}", *code))}};
    }
    const detail::mongodb_document read = ask("find", {{"filter", own}, {"limit", 1}}, until);
    const bool is_same = read.number("cursor.firstBatch.0.value") == value;
    static_cast<void>(
        ask("delete", {{"deletes", json::array({{{"q", own}, {"limit", 1}}})}}, until));
    return {{detail::verified(
        "write", is_same, health_status::fail,
        "a document that was written is read back with another value, or not at all",
        "See whether another program writes to the collection of the probe.")}};
  }

  const std::string database_;
  const std::string collection_;
  const std::int64_t id_;
  detail::mongodb_session session_;
  std::uint64_t turn_ = 0;
};

mongodb_write_probe::mongodb_write_probe(const mongodb_write_probe_options& options)
    : state_{new state{options}} {}
mongodb_write_probe::~mongodb_write_probe() = default;

health_answer mongodb_write_probe::look(deadline until) {
  try {
    return state_->look(until);
  } catch (const detail::mongodb_trouble& trouble) {
    throw probe_error{trouble.what()};
  }
}

}  // namespace querytap
