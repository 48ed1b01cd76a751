#include <querytap/servers/postgres/postgres_collector.hpp>

#include "../common/expected_host.hpp"
#include "../common/part_schedule.hpp"
#include "address.hpp"
#include "database_objects.hpp"
#include "failed_answer.hpp"
#include "named_rows.hpp"
#include "server_sections.hpp"
#include "server_statements.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap {
namespace {

// What is asked last needs some time to be answered within the deadline.
constexpr std::chrono::milliseconds least_time_for_database{500};

std::string shown_host(const postgres_collector_options& options, const std::string& host) {
  return options.server_address.empty() ? host : options.server_address;
}

attributes labels_of_server(const std::string& host, std::uint16_t port) {
  attributes labels{{"db.system.name", database_systems::postgresql.name}};
  if (host.empty()) return labels;
  labels.set({"server.address", host});
  if (port != 0) labels.set({"server.port", port});
  return labels;
}

}  // namespace

class postgres_collector::state {
 public:
  explicit state(const postgres_collector_options& chosen)
      : options{chosen},
        address_{detail::address_in(chosen.connection_string)},
        session_{chosen.connection_string, {.retry_delay = std::chrono::seconds{0}}},
        databases_{chosen.databases},
        time_{chosen.time == nullptr ? clock::process() : *chosen.time},
        seldom_{chosen.object_interval, time_},
        statements_schedule_{chosen.statement_interval, time_},
        statements_{chosen.statements} {
    if (chosen.interval <= std::chrono::seconds{0}) {
      throw configuration_error{"interval", fmt::format("{} s", chosen.interval.count()),
                                "expected a positive duration"};
    }
    const std::string& shown = chosen.server_address;
    if (!shown.empty() && !detail::is_socket_path(shown)) {
      detail::expect_host(shown, "server_address");
    }
    const std::string host = shown_host(options, address_.host);
    const std::uint16_t port = options.server_port != 0 ? options.server_port : address_.port;
    server_labels_ = labels_of_server(host, port);
    name_ = fmt::format("postgresql {}:{}", host,
                        port != 0 ? port : database_systems::postgresql.default_port);
    if (host.empty()) name_.erase(name_.find(' '), 1);
  }

  [[nodiscard]] attributes server_labels() const {
    const std::lock_guard lock{labels_mutex_};
    return server_labels_;
  }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  void collect(collected& found, deadline until) {
    ask(until);
    found.set_common(server_labels());
    frequent_numbers_.add_to(found);
    seldom_numbers_.add_to(found);
    if (std::exchange(statements_found_.has_read, false)) {
      for (const server_statement& statement : statements_found_.statements) found.add(statement);
      found.set_statements_read(statements_found_.are_all, statements_found_.counted_since);
    }
    statements_found_.numbers.add_to(found);
    for (const auto& [name, part] : parts_) part.numbers.add_to(found);
  }

  const postgres_collector_options options;

 private:
  struct database_part {
    detail::database_objects objects;
    detail::part_schedule schedule;
    detail::section_numbers numbers = {};
  };

  // What is asked at longer intervals may not keep the rest from being shown in time.
  void ask(deadline until) {
    ask_frequent(until);
    const deadline for_parts = until - (until - std::chrono::steady_clock::now()) / 10;
    ask_part(seldom_, seldom_numbers_, "settings and sizes", [&] {
      seldom_numbers_ = ask_sections(detail::seldom_sections(session_.server_version()), for_parts);
    });
    ask_part(statements_schedule_, statements_found_.numbers, "pg_stat_statements", [&] {
      statements_found_ = {};
      statements_found_ = statements_.ask(session_, shown_, for_parts);
    });
    ask_databases(for_parts);
  }

  template <class Part>
  void ask_part(detail::part_schedule& schedule, detail::section_numbers& numbers,
                std::string_view name, Part part) {
    if (!schedule.is_due()) return;
    try {
      schedule.run(part);
    } catch (const detail::unreachable_server& error) {
      if (error.reason() != detail::unreachable_reason::no_answer) {
        schedule.ask_again();
        throw;
      }
      numbers = {};
      numbers.lacks(name, "did not come in time");
    }
  }

  void ask_frequent(deadline until) {
    session_.connect(until);  // the version decides what is asked
    note_address();
    auto sections = detail::frequent_sections(session_.server_version());
    sections.sections.insert(sections.sections.begin(),
                             detail::databases_section(session_.server_version()));
    frequent_numbers_ = ask_sections(sections, until);
  }

  // Of several hosts, or none, libpq alone knows which.
  void note_address() {
    if (!address_.host.empty()) return;
    const auto connected = detail::leading_number<std::uint16_t>(session_.port());
    const bool is_default = connected == database_systems::postgresql.default_port;
    const std::uint16_t port = is_default ? std::uint16_t{0} : connected;
    const std::lock_guard lock{labels_mutex_};
    server_labels_ = labels_of_server(shown_host(options, session_.host()),
                                      options.server_port != 0 ? options.server_port : port);
  }

  /// Asks for all sections in one message. Those behind one that the server refuses are asked for once more.
  [[nodiscard]] detail::section_numbers ask_sections(const detail::server_sections& all,
                                                     deadline until) {
    detail::section_numbers numbers;
    for (const detail::missing_section& missing : all.missing) {
      numbers.lacks(missing.name, missing.reason);
    }
    std::span<const detail::server_section> left = all.sections;
    while (!left.empty()) {
      std::vector<std::string_view> queries;
      for (const detail::server_section& section : left) queries.emplace_back(section.query);
      const detail::postgres_results reply =
          session_.query_repeated(detail::read_only_transaction, queries, until);
      for (std::size_t i = 0; i < reply.results.size() && i < left.size(); ++i) {
        add_section(left[i], detail::result_rows{reply.results[i]}, numbers);
      }
      const std::size_t answered = std::min(reply.results.size(), left.size());
      left = left.subspan(answered);
      if (!reply.refused || left.empty()) break;
      numbers.lacks(left.front().name, detail::reason_of_refusal(reply.refused->state()));
      left = left.subspan(1);
    }
    return numbers;
  }

  void add_section(const detail::server_section& section, const detail::result_rows& rows,
                   detail::section_numbers& numbers) {
    if (section.name == "databases") return add_databases(section, rows, numbers);
    if (section.name == "server" && !rows.is_true(0, "sees_all")) {
      numbers.lacks("sessions of other users", "needs the role pg_monitor");
    }
    detail::add_rows(section, rows, shown_, numbers);
  }

  void add_databases(const detail::server_section& section, const detail::result_rows& rows,
                     detail::section_numbers& numbers) {
    detail::add_absences(section, rows, numbers);
    const detail::named_rows named{rows, section.labels, section.columns};
    const std::vector<std::string> names = named.add_split_of_all(databases_, numbers);
    named_databases_ = {names.begin(), names.end()};
    std::set<std::string> with_objects;
    for (int row = 0; row < rows.count(); ++row) {
      const std::string name{rows.text(row, "datname")};
      if (named_databases_.contains(name) && rows.is_true(row, "has_objects")) {
        with_objects.insert(name);
      }
    }
    std::erase_if(parts_, [&](const auto& part) { return !with_objects.contains(part.first); });
    for (const std::string& name : with_objects) {
      if (parts_.contains(name)) continue;
      parts_.emplace(name, database_part{{name, options.tables, options.indexes},
                                         detail::part_schedule{options.object_interval, time_}});
    }
  }

  // One after another, each on a connection that is closed again. Those for which there is no time come first
  // at the next collection, since they are still due.
  void ask_databases(deadline until) {
    for (auto& [name, part] : parts_) {
      if (!part.schedule.is_due()) continue;
      if (until - std::chrono::steady_clock::now() < least_time_for_database) return;
      part.schedule.run([&, &name = name, &part = part] { ask_database(name, part, until); });
    }
  }

  void ask_database(const std::string& name, database_part& part, deadline until) {
    detail::section_numbers lacking;
    try {
      detail::postgres_session session{options.connection_string,
                                       {.database = name, .retry_delay = std::chrono::seconds{0}}};
      part.numbers = part.objects.ask(session, until);
      return;
    } catch (const detail::refused_statement& refused) {
      lacking.lacks(fmt::format("tables of {}", name), detail::reason_of_refusal(refused.state()));
    } catch (const detail::unreachable_server& error) {
      lacking.lacks(fmt::format("tables of {}", name), detail::failed_answer(error).reason);
    }
    part.numbers = std::move(lacking);
  }

  const detail::postgres_address address_;
  detail::postgres_session session_;
  std::string name_;
  mutable std::mutex labels_mutex_;  // others ask which calls to join while a collection runs
  attributes server_labels_;

  detail::named_and_rest databases_;
  std::set<std::string, std::less<>> named_databases_;
  const detail::shown_name shown_ = [this](std::string_view database) {
    return std::string{named_databases_.contains(database) ? database : detail::rest_name};
  };

  const clock& time_;
  detail::section_numbers frequent_numbers_;
  detail::part_schedule seldom_;
  detail::section_numbers seldom_numbers_;
  detail::part_schedule statements_schedule_;
  detail::server_statements statements_;
  detail::server_statements::found statements_found_;
  std::map<std::string, database_part> parts_;
};

postgres_collector::postgres_collector(const postgres_collector_options& options)
    : state_{std::make_unique<state>(options)} {}

postgres_collector::~postgres_collector() = default;

std::string postgres_collector::name() const { return state_->name(); }

std::chrono::nanoseconds postgres_collector::interval() const { return state_->options.interval; }

attributes postgres_collector::calls_to_join() const { return state_->server_labels(); }

void postgres_collector::collect(collected& found, deadline until) {
  for (bool is_second_try = false;; is_second_try = true) {
    try {
      return state_->collect(found, until);
    } catch (const detail::unreachable_server& error) {
      // The server may have been restarted since the last time.
      if (error.reason() == detail::unreachable_reason::lost && !is_second_try) continue;
      throw collect_error{detail::failed_answer(error).reason};
    } catch (const plan_error&) {
      throw collect_error{"the server refuses what it is asked"};
    }
  }
}

}  // namespace querytap
