#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace querytap::testing::conformance {

/// Registers promises as test cases of the file that holds the instance: `SQLite: a call is counted
/// once`.
class registrar {
 public:
  registrar(std::string_view client, const Catch::SourceLineInfo& instance)
      : client_{client}, instance_{instance} {}

  void promise(std::string_view text, void (*check)()) const { add(client_ + ": ", text, check); }
  void promise_if(bool is_applicable, std::string_view text, void (*check)()) const {
    is_applicable ? promise(text, check) : not_applicable(text);
  }
  void not_applicable(std::string_view text) const {
    add("not applicable to " + client_ + ": ", text, [] { SUCCEED(); });
  }

 private:
  void add(const std::string& prefix, std::string_view text, void (*check)()) const {
    const std::string name = prefix + std::string{text};
    const Catch::AutoReg registered{Catch::makeTestInvoker(check), instance_, Catch::StringRef{},
                                    Catch::NameAndTags{name, "[conformance]"}};
  }

  std::string client_;
  Catch::SourceLineInfo instance_;
};

}  // namespace querytap::testing::conformance
