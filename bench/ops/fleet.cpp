// A fleet's history for Prometheus, made up of what the dashboards read; and how long their queries take on it.
//
//     $ fleet raw STEP INSTANCES BEGIN END    OpenMetrics: what each process was scraped for, every STEP seconds
//     $ fleet recorded STEP BEGIN END         the same of what the rules of the dashboards record
//     $ fleet times PORT RAW_STEP END         a table: each panel's queries over the 30 days before END
//
// bench/ops/measure_dashboards.sh runs all three.

#include <querytap/exporters/prometheus/prometheus_name.hpp>

#include <dashboards/dashboards.hpp>
#include <dashboards/recorded.hpp>
#include <dashboards/variables.hpp>

#include <fmt/format.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using querytap::instrument;
using querytap::instrument_kind;

constexpr long days = 30;
constexpr long range = days * 24 * 3600;
constexpr long most_series = 24;  // of an instrument, in a process

template <class Visit>
void for_each_panel(Visit visit) {
  for (const ops::dashboard& drawn : ops::all_dashboards()) {
    for (const ops::row& part : drawn.rows) {
      for (const ops::panel& shown : part.panels) visit(drawn, shown);
    }
  }
}

/// All that the dashboards read, by name.
std::map<std::string, const instrument*> instruments_read() {
  std::map<std::string, const instrument*> all;
  for_each_panel([&](const ops::dashboard&, const ops::panel& shown) {
    for (const ops::target& asked : shown.targets) {
      for (const instrument* read : asked.asked.reads) {
        if (read->kind != instrument_kind::info) all[querytap::prometheus_name(*read)] = read;
      }
    }
  });
  return all;
}

/// How many values an attribute has in a process.
long values_of(std::string_view key) {
  const std::map<std::string_view, long> known{
      {"db.query.summary", 10}, {"db.system.name", 4},    {"querytap.instrument", 24},
      {"querytap.phase", 4},    {"server.address", 1},    {"server.port", 1},
      {"db.namespace", 1},      {"cpu.logical_number", 4}};
  const auto found = known.find(key);
  return found == known.end() ? 2 : found->second;
}

/// Values that a query asks for by name come first.
std::string value_of(std::string_view key, long number) {
  if (key == "error.type" || key == "db.response.status_code") return number == 0 ? "" : "57014";
  if (key == "db.client.connection.state") return number == 0 ? "used" : "idle";
  if (key == "querytap.health.status") return number == 0 ? "fail" : "pass";
  return fmt::format("{}{}", key, number);
}

/// The labels of each series of an instrument in a process.
std::vector<std::string> label_sets(const instrument& measured) {
  long count = 1;
  for (const std::string_view key : measured.attributes) count = std::lcm(count, values_of(key));
  count = std::min(count, most_series);
  std::vector<std::string> all;
  for (long i = 0; i < count; ++i) {
    std::string labels;
    for (const std::string_view key : measured.attributes) {
      const std::string value = value_of(key, i % values_of(key));
      if (!value.empty()) labels += fmt::format(",{}=\"{}\"", ops::label_of(key), value);
    }
    if (std::find(all.begin(), all.end(), labels) == all.end()) all.push_back(labels);
  }
  return all;
}

struct part_of_metric {
  std::string suffix = {};
  std::string labels = {};
  long weight = 1;  ///< of the events that a sample counts
};

std::vector<part_of_metric> parts_of(const instrument& measured) {
  if (measured.kind != instrument_kind::histogram) return {{}};
  std::vector<part_of_metric> parts;
  long weight = 0;
  for (const double bound : measured.bounds) {
    parts.push_back({"_bucket", fmt::format(",le=\"{}\"", bound), ++weight});
  }
  parts.push_back({"_bucket", ",le=\"+Inf\"", ++weight});
  parts.push_back({"_count", {}, weight});
  parts.push_back({"_sum", {}, weight});
  return parts;
}

/// Which samples are written: every `step` seconds, from `begin` up to before `end`.
struct period {
  long step = 0;
  long begin = 0;
  long end = 0;
};

/// `value` is that of the sample with this number, counted from a time that all periods share.
void write_series(const std::string& name, const period& when,
                  const std::function<double(long)>& value) {
  std::string text;
  constexpr long origin = 1'700'000'000;
  for (long time = (when.begin + when.step - 1) / when.step * when.step; time < when.end;
       time += when.step) {
    fmt::format_to(std::back_inserter(text), "{} {} {}\n", name, value((time - origin) / when.step),
                   time);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

bool grows(const instrument& measured) {
  return measured.kind == instrument_kind::counter || measured.kind == instrument_kind::histogram;
}

void write_raw(const period& when, long instances) {
  for (const auto& [name, measured] : instruments_read()) {
    for (const std::string& labels : label_sets(*measured)) {
      for (const part_of_metric& part : parts_of(*measured)) {
        for (long instance = 0; instance < instances; ++instance) {
          const std::string series =
              fmt::format("{}{}{{job=\"chatbot\",instance=\"chatbot-{}:9464\"{}{}}}", name,
                          part.suffix, instance, labels, part.labels);
          const bool is_count = grows(*measured);
          write_series(series, when, [&](long i) {
            const auto changing = static_cast<double>((i * 7 + instance) % 5 + part.weight);
            return is_count ? static_cast<double>(i * part.weight * 1000) + changing : changing;
          });
        }
      }
    }
  }
  std::puts("# EOF");
}

void write_recorded(const period& when) {
  const auto instruments = instruments_read();
  std::set<std::string> rules;
  for (const ops::recorded_rule& rule : ops::rules_of(ops::all_dashboards()))
    rules.insert(rule.name);
  for (const auto& [name, measured] : instruments) {
    for (const std::string& labels : label_sets(*measured)) {
      for (const part_of_metric& part : parts_of(*measured)) {
        for (const char* joined : {":sum", ":max", ":min", ":sum_rate5m", ":max_rate5m"}) {
          const std::string record = fmt::format("job:{}{}{}", name, part.suffix, joined);
          if (!rules.contains(record)) continue;
          write_series(fmt::format("{}{{job=\"chatbot\"{}{}}}", record, labels, part.labels), when,
                       [&](long i) {
                         return static_cast<double>(part.weight) *
                                (3 + static_cast<double>(i * 37 % 64) / 64);
                       });
        }
      }
    }
  }
  std::puts("# EOF");
}

struct cost {
  double seconds = 0;
  double samples = 0;
  bool is_empty = true;
};

class prometheus {
 public:
  prometheus(int port, long end) : client_{"127.0.0.1", port}, end_{end} {
    client_.set_read_timeout(std::chrono::minutes{5});
  }

  /// Of the second of two runs, as a person who looks again sees it.
  cost measure(const ops::panel& shown, bool is_recorded, long scrape_interval) {
    const long step = std::max(3600L, scrape_interval);  // as Grafana chooses for a thousand pixels
    const std::string window =
        fmt::format("{}s", std::max(step + scrape_interval, 4 * scrape_interval));
    cost total;
    for (const ops::target& asked : shown.targets) {
      const std::string text = ops::filled_in(
          asked.asked.text,
          {.window = window, .range = fmt::format("{}s", range), .is_recorded = is_recorded});
      const bool is_instant = shown.kind == ops::panel_kind::table ||
                              shown.kind == ops::panel_kind::bar_gauge || shown.is_over_range;
      ask(text, is_instant, step);
      const cost once = ask(text, is_instant, step);
      total.seconds += once.seconds;
      total.samples += once.samples;
      total.is_empty = total.is_empty && once.is_empty;
    }
    return total;
  }

 private:
  cost ask(const std::string& text, bool is_instant, long step) {
    httplib::Params parameters{{"query", text}, {"stats", "all"}};
    if (is_instant) {
      parameters.emplace("time", std::to_string(end_));
    } else {
      parameters.emplace("start", std::to_string(end_ - range));
      parameters.emplace("end", std::to_string(end_));
      parameters.emplace("step", std::to_string(step));
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto reply =
        client_.Post(is_instant ? "/api/v1/query" : "/api/v1/query_range", parameters);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (!reply || reply->status != 200) {
      throw std::runtime_error{fmt::format("{}: {}", text, reply ? reply->body : "no answer")};
    }
    const auto data = nlohmann::json::parse(reply->body).at("data");
    return {took.count(), data.at("stats").at("samples").at("totalQueryableSamples").get<double>(),
            data.at("result").empty()};
  }

  httplib::Client client_;
  long end_;
};

/// It has no form that rules have recorded.
bool is_by_process(const ops::panel& shown) {
  return std::ranges::none_of(shown.targets, [](const ops::target& asked) {
    return asked.asked.text.find("$source") != std::string::npos;
  });
}

std::string text_of(const cost& measured) {
  return fmt::format("{:.3f}{}", measured.seconds, measured.is_empty ? " (empty)" : "");
}

void print_times(int port, long raw_step, long end) {
  prometheus server{port, end};
  constexpr long scrape_interval = 15;
  int slow = 0;
  fmt::print(
      "| dashboard | panel | raw, s | samples read at 15 s, million | recorded, s |\n"
      "|---|---|---|---|---|\n");
  for_each_panel([&](const ops::dashboard& drawn, const ops::panel& shown) {
    const cost raw = server.measure(shown, false, raw_step);
    const cost recorded =
        is_by_process(shown) ? cost{} : server.measure(shown, true, scrape_interval);
    const double factor = static_cast<double>(raw_step) / scrape_interval;
    fmt::print("| {} | {} | {} | {:.0f} | {} |\n", drawn.file, shown.title, text_of(raw),
               raw.samples * factor / 1e6, is_by_process(shown) ? "by process" : text_of(recorded));
    std::fflush(stdout);
    if (recorded.seconds > 3) ++slow;
  });
  fmt::print("\npanels that take more than 3 s as recorded: {}\n", slow);
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  try {
    const auto number = [&](std::size_t i) { return std::stol(words.at(i)); };
    if (words.at(0) == "raw") {
      write_raw({number(1), number(3), number(4)}, number(2));
    } else if (words.at(0) == "recorded") {
      write_recorded({number(1), number(2), number(3)});
    } else if (words.at(0) == "times") {
      print_times(static_cast<int>(number(1)), number(2), number(3));
    } else {
      throw std::out_of_range{words.at(0)};
    }
    return 0;
  } catch (const std::logic_error&) {
    std::fputs(
        "usage: fleet raw STEP INSTANCES BEGIN END | recorded STEP BEGIN END | times PORT RAW_STEP "
        "END\n",
        stderr);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fleet: %s\n", error.what());
    return 1;
  }
}
