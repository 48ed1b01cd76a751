# Makes one C++ source of the examples in the cards of public headers: awk -f header_examples.awk CONTEXT HEADER…
#
# An example is a block of lines that begin with `///` and five blanks, behind an empty line of the card. It
# becomes a function of its own, or stands outside of one if it begins with `inline`. CONTEXT declares what
# examples use and do not declare: `NAME = DECLARATION`, or `HEADER NAME = DECLARATION` for one header.

FNR == 1 {
  finish()
  in_context = ++files == 1
  header = FILENAME
  sub(/^.*include\/querytap\//, "", header)
  is_empty_line = 0
}

in_context {
  if ($0 ~ /^#/ || $0 == "") next
  key = substr($0, 1, index($0, " = ") - 1)
  declaration[key] = substr($0, index($0, " = ") + 3)
  next
}

/^ *\/\/\/     / {
  text = $0
  sub(/^ *\/\/\/     /, "", text)
  if (block == "") {
    if (!is_empty_line || text ~ /^ /) next
    begin = FNR
  }
  block = block text "\n"
  next
}

{ finish(); is_empty_line = ($0 ~ /^ *\/\/\/$/) }

END {
  finish()
  print includes "#include <structure/header_examples.hpp>\n\n" source
}

# Neither texts in JSON, nor tables of names, nor formulas.
function is_code(text) {
  return text !~ /^[{]/ && text !~ /^(missing_index  |querytap\.operation\.class  |report\.duration ==)/
}

function uses(name) { return (" " code " ") ~ ("[^A-Za-z0-9_.\"]" name "[^A-Za-z0-9_\"]") }

# `TYPE NAME{`, `TYPE& NAME =` and the like.
function declares(name) { return ("\n" code) ~ ("[A-Za-z_>][&*]? " name " *([{=;(]|:[^:])") && code !~ ("return " name "[;(]") }

function finish(   lines, i, key, words, name, context) {
  if (block == "") return
  if (is_code(block)) {
    ++count
    code = ""
    split(block, lines, "\n")
    for (i = 1; i in lines; ++i) {
      sub(/^….*$/, "", lines[i])
      sub(/ …;/, ";", lines[i])
      sub(/ …$/, " {}", lines[i])
      code = code lines[i] "\n"
    }
    context = ""
    for (key in declaration) {
      split(key, words, " ")
      name = words[2] == "" ? words[1] : words[2]
      if (words[2] != "" && words[1] != header) continue
      if (words[2] == "" && ((header " " name) in declaration)) continue
      if (uses(name) && !declares(name)) context = context declaration[key] "\n"
    }
    source = source "namespace querytap::example_" count " {\n" context
    line = "#line " begin " \"" header "\"\n"
    if (code ~ /^inline /) source = source line code "}\n"
    else source = source "anything example() {\n" line code "}\n}\n"
    if (header != last_included) includes = includes "#include <querytap/" header ">\n"
    last_included = header
  }
  block = ""
}
