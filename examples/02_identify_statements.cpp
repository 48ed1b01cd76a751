// Try statement identity on SQL of your own: one JSON object for each statement on standard input.
//
//     $ echo "select name from users where id in (17, 23)" | build/examples/02_identify_statements
//     {"fingerprint":"a0851be114173e30","summary":"select users","kind":"read",
//     "tables":["users"],"text":"select name from users where id in (?)"}
//
// Statements stand on lines of their own, or with -0 are separated by NUL bytes. --dialect is one of
// postgresql (the default), sqlite, mysql, redis and mongodb.

#include <querytap/query/identify.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace {

struct options {
  querytap::dialect dialect = querytap::dialect::postgresql;
  char separator = '\n';
};

querytap::dialect dialect_of(std::string_view name) {
  using enum querytap::dialect;
  constexpr std::array<std::pair<std::string_view, querytap::dialect>, 5> known{{
      {"postgresql", postgresql},
      {"sqlite", sqlite},
      {"mysql", mysql},
      {"redis", redis},
      {"mongodb", mongodb},
  }};
  for (const auto& [known_name, dialect] : known) {
    if (known_name == name) return dialect;
  }
  throw std::invalid_argument{"--dialect " + std::string{name} +
                              ": expected postgresql, sqlite, mysql, redis or mongodb"};
}

options parse(int count, char** arguments) {
  options parsed;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument{arguments[i]};
    if (argument == "-0") {
      parsed.separator = '\0';
    } else if (argument == "--dialect" && i + 1 < count) {
      parsed.dialect = dialect_of(arguments[++i]);
    } else {
      throw std::invalid_argument{std::string{argument} + ": expected --dialect NAME or -0"};
    }
  }
  return parsed;
}

std::string to_json(const querytap::statement_identity& identity) {
  std::array<char, 17> fingerprint{};
  std::snprintf(fingerprint.data(), fingerprint.size(), "%016llx",
                static_cast<unsigned long long>(identity.fingerprint));
  const nlohmann::ordered_json object{{"fingerprint", fingerprint.data()},
                                      {"summary", identity.summary},
                                      {"kind", querytap::to_string(identity.kind)},
                                      {"tables", identity.tables},
                                      {"text", identity.text}};
  // A statement may be of any bytes, JSON is of UTF-8.
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const options chosen = parse(count, arguments);
    for (std::string statement; std::getline(std::cin, statement, chosen.separator);) {
      std::cout << to_json(querytap::identify(statement, chosen.dialect)) << '\n';
    }
  } catch (const std::invalid_argument& reason) {
    std::cerr << reason.what() << '\n';
    return 2;
  }
}
