#include <rag_chatbot/options.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace rag_chatbot {
namespace {

template <class Number>
Number parse_number(std::string_view name, std::string_view text, Number least, Number most) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool in_range = value >= least && value <= most;  // false for NaN too
  if (error != std::errc{} || stop != end || !in_range) {
    throw usage_error{fmt::format("{} {}: expected {} to {}", name, text, least, most)};
  }
  return value;
}

/// One of two words.
template <class Kind>
Kind parse_kind(std::string_view name, std::string_view text, std::string_view first,
                std::string_view second) {
  if (text == first) return Kind{0};
  if (text == second) return Kind{1};
  throw usage_error{fmt::format("{} {}: expected {} or {}", name, text, first, second)};
}

plants parse_plants(std::string_view name, std::string_view list) {
  plants chosen;
  while (!list.empty()) {
    const std::string_view mistake = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), mistake.size() + 1));
    if (mistake == "n_plus_one") {
      chosen.n_plus_one = true;
    } else if (mistake == "missing_index") {
      chosen.missing_index = true;
    } else {
      throw usage_error{
          fmt::format("{} {}: expected n_plus_one, missing_index or both", name, mistake)};
    }
  }
  return chosen;
}

address parse_listen(std::string_view name, std::string_view text) {
  try {
    return parse_address(text);
  } catch (const std::invalid_argument& reason) {
    throw usage_error{fmt::format("{} {}", name, reason.what())};
  }
}

struct setting {
  std::string_view name;
  void (*set)(options& parsed, std::string_view name, std::string_view value);
};

using text = std::string_view;

constexpr auto settings = std::to_array<setting>({
    {"--backend",
     [](options& parsed, text name, text v) {
       parsed.backend = parse_kind<backend_kind>(name, v, "sqlite", "postgres");
     }},
    {"--vectors",
     [](options& parsed, text name, text v) {
       parsed.vectors = parse_kind<vectors_kind>(name, v, "memory", "chroma");
     }},
    {"--chroma", [](options& parsed, text, text v) { parsed.chroma = v; }},
    {"--cache", [](options& parsed, text name,
                   text v) { parsed.cache = parse_kind<cache_kind>(name, v, "none", "redis"); }},
    {"--redis", [](options& parsed, text name, text v) { parsed.redis = parse_listen(name, v); }},
    {"--history",
     [](options& parsed, text name, text v) {
       parsed.history = parse_kind<history_kind>(name, v, "backend", "mongo");
     }},
    {"--mongo", [](options& parsed, text, text v) { parsed.mongo = v; }},
    {"--model", [](options& parsed, text, text v) { parsed.model = v; }},
    {"--model-name", [](options& parsed, text, text v) { parsed.model_name = v; }},
    {"--prices", [](options& parsed, text, text v) { parsed.prices = v; }},
    {"--budget",
     [](options& parsed, text name, text v) { parsed.budget = parse_number(name, v, 1e-6, 1e6); }},
    {"--database", [](options& parsed, text, text v) { parsed.database = v; }},
    {"--connection", [](options& parsed, text, text v) { parsed.connection = v; }},
    {"--corpus", [](options& parsed, text, text v) { parsed.corpus = v; }},
    {"--scratch", [](options& parsed, text, text v) { parsed.scratch = v; }},
    {"--listen", [](options& parsed, text name, text v) { parsed.listen = parse_listen(name, v); }},
    {"--metrics",
     [](options& parsed, text name, text v) { parsed.metrics = parse_listen(name, v); }},
    {"--rate",
     [](options& parsed, text name, text v) { parsed.rate = parse_number(name, v, 0.1, 1e4); }},
    {"--users", [](options& parsed, text name,
                   text v) { parsed.users = parse_number<std::size_t>(name, v, 1, 256); }},
    {"--load-seconds",
     [](options& parsed, text name,
        text v) { parsed.load_time = std::chrono::seconds{parse_number(name, v, 0, 86'400)}; }},
    {"--slow-ms",
     [](options& parsed, text name,
        text v) { parsed.slow = std::chrono::milliseconds{parse_number(name, v, 1, 86'400'000)}; }},
    {"--plant",
     [](options& parsed, text name, text v) { parsed.mistakes = parse_plants(name, v); }},
});

const setting& setting_named(std::string_view name) {
  for (const auto& known : settings) {
    if (known.name == name) return known;
  }
  throw usage_error{fmt::format("unknown option {}", name)};
}

void require(bool has_other, std::string_view name, std::string_view other) {
  if (!has_other) throw usage_error{fmt::format("{} needs {}", name, other)};
}

}  // namespace

options parse_options(std::span<const char* const> arguments) {
  options result;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--once") {
      result.once = true;
    } else if (name == "--help") {
      result.help = true;
    } else {
      const setting& known = setting_named(name);
      if (++i == arguments.size()) throw usage_error{fmt::format("{} needs a value", name)};
      known.set(result, name, arguments[i]);
    }
  }
  if (!result.prices.empty()) require(!result.model.empty(), "--prices", "--model");
  if (result.budget != 0) require(!result.prices.empty(), "--budget", "--prices");
  return result;
}

std::string usage() {
  return R"(rag_chatbot: answers questions about Linux from its manual pages, and measures itself

  --backend sqlite|postgres  where everything is stored (sqlite)
  --database FILE            of SQLite (rag_chatbot.sqlite in the scratch folder)
  --connection CONNINFO      of PostgreSQL, as libpq reads it ("host=127.0.0.1 dbname=chatbot")
  --corpus FOLDER            text and Markdown files to answer from, instead of the manual pages
  --scratch FOLDER           what can be made again is kept here (build/rag_chatbot_cache)
  --vectors memory|chroma    where vectors are searched (memory)
  --chroma URL               of Chroma (http://127.0.0.1:8000)
  --cache none|redis         whether answers are kept, and where (none)
  --redis HOST:PORT          of Redis (127.0.0.1:6379)
  --history backend|mongo    where conversations are stored (backend: with everything else)
  --mongo CONNECTION         of MongoDB (mongodb://127.0.0.1:27017)
  --model URL                of an endpoint with OpenAI's interface that writes the answers, with its version:
                             http://127.0.0.1:11434/v1; its key is in OPENAI_API_KEY
  --model-name NAME          which of its models (default)
  --prices FILE              what they cost: YAML as in prices.yaml, or litellm's JSON
  --budget DOLLARS           what each tenant may spend on answers in a day, by those prices (no limit)
  --listen HOST:PORT         of POST /chat (127.0.0.1:8080); port 0 takes a free one
  --metrics HOST:PORT        of GET /metrics (127.0.0.1:9464); port 0 takes a free one
  --rate NUMBER              questions per second that the users ask on average (50)
  --users NUMBER             simulated users, each in a conversation of its own (8)
  --load-seconds NUMBER      how long they ask (20); 0 for no load
  --slow-ms NUMBER           a query that takes longer is told by itself, with its plan (100)
  --plant MISTAKES           n_plus_one, missing_index or both with a comma: something to find
  --once                     end after the report, instead of serving until Ctrl-C
  --help                     this text
)";
}

}  // namespace rag_chatbot
