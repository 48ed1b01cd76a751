#!/usr/bin/env bash
# Prints web_assets.hpp: the files of the page as C++ constants, so that a user's build needs nothing but a compiler.
#
#     src/runtime/live/web/embed.sh >src/runtime/live/web_assets.hpp
#
# The order of the scripts is that in which they are read.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

scripts=(dom text parts charts overview statements calls requests records app)

# What Content-Security-Policy allows a page that carries its script and style itself.
hash_of() {
  openssl dgst -sha256 -binary | base64
}

constant() {
  printf '\n/// %s\ninline constexpr std::string_view %s = R"web(' "$2" "$1"
  cat "$3"
  printf ')web";\n'
}

cat <<'HEAD'
#pragma once

#include <string_view>

// Made by web/embed.sh from the files beside it: change those.
// clang-format off

namespace querytap::detail {
HEAD
constant page_document 'The page.' index.html
constant page_style_sheet 'Its style.' style.css
for script in "${scripts[@]}"; do
  constant "page_script_$script" "Its script: $script." "$script.js"
done
printf '\ninline constexpr std::string_view page_scripts[] = {'
separator=
for script in "${scripts[@]}"; do
  printf '%spage_script_%s' "$separator" "$script"
  separator=', '
done
printf '};\n'
printf '\n/// Of the style and of all scripts in a row: SHA-256 in base64.\n'
printf 'inline constexpr std::string_view page_style_hash = "%s";\n' "$(hash_of <style.css)"
printf 'inline constexpr std::string_view page_script_hash = "%s";\n' "$(cat "${scripts[@]/%/.js}" | hash_of)"
printf '\n}  // namespace querytap::detail\n// clang-format on\n'
