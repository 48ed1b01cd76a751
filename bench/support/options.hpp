#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace querytap::bench {

/// The value of `--name=value` on the command line; `otherwise` without such an argument.
[[nodiscard]] inline std::string option(int argc, char** argv, std::string_view name,
                                        std::string otherwise) {
  const std::string prefix = "--" + std::string{name} + '=';
  for (int i = 1; i < argc; ++i) {
    const std::string_view given{argv[i]};
    if (given.starts_with(prefix)) otherwise = given.substr(prefix.size());
  }
  return otherwise;
}

/// Throws unless every argument is one of these options.
inline void refuse_others(int argc, char** argv, std::initializer_list<std::string_view> known) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view given{argv[i]};
    bool found = false;
    for (const std::string_view name : known) {
      found = found || given.starts_with("--" + std::string{name} + '=');
    }
    if (!found) throw std::invalid_argument{"unknown argument '" + std::string{given} + "'"};
  }
}

}  // namespace querytap::bench
