#include "command_shape.hpp"

#include <algorithm>
#include <cstring>

namespace querytap::mongodb::detail {
namespace {

// Of literals, whose sizes the compiler knows: most comparisons end with the size.
template <std::size_t... Sizes>
bool is_one_of(std::string_view word, const char (&... words)[Sizes]) noexcept {
  return ((word.size() == Sizes - 1 && std::memcmp(word.data(), words, Sizes - 1) == 0) || ...);
}

// Added by drivers, and no part of what a command does.
bool is_of_driver(std::string_view key) noexcept {
  switch (key.front()) {
    case '$': return is_one_of(key, "$db", "$readPreference", "$clusterTime");
    case 'a':
      return is_one_of(key, "autocommit", "apiVersion", "apiStrict", "apiDeprecationErrors");
    case 'c': return key == "comment";
    case 'l': return key == "lsid";
    case 'm': return key == "maxTimeMS";
    case 's': return key == "startTransaction";
    case 't': return key == "txnNumber";
    default: return false;
  }
}

bool has_directions(std::string_view key) noexcept {
  return is_one_of(key, "sort", "projection", "fields", "hint", "key", "keyPattern");
}

bool is_field_or_collection(std::string_view key) noexcept {
  return is_one_of(key, "from", "into", "coll", "as", "localField", "foreignField",
                   "connectFromField", "connectToField", "startWith", "on");
}

bool fits_between_quotes(std::string_view text) noexcept {
  constexpr std::size_t longest_name = 120;
  if (text.size() > longest_name) return false;
  bool fits = true;
  for (const char c : text) {
    fits = fits && c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
  }
  return fits;
}

bool names_first(std::string_view document, std::string_view key) noexcept {
  bson_elements each{document};
  return each.next() && each.current().key == key;
}

}  // namespace

bool is_confidential(std::string_view command) noexcept {
  return is_one_of(command, "authenticate", "saslStart", "saslContinue", "getnonce", "createUser",
                   "updateUser", "copydbgetnonce", "copydbsaslstart", "copydb");
}

command_shape::command_shape(std::string_view command, parameter_digest* digest) noexcept {
  write_command(command, 0, digest);
}

void command_shape::write_command(std::string_view command, std::size_t depth,
                                  parameter_digest* digest) noexcept {
  put('{');
  bool is_first = true;
  for (bson_elements each{command}; each.next() && may_go_on();) {
    const bson_element& element = each.current();
    if (is_first && depth == 0) note_first(element);
    if (!is_first && depth == 0) note(element);
    if (!is_first && !element.key.empty() && is_of_driver(element.key)) continue;
    if (digest != nullptr) digest->add(element.value);
    if (!is_first) put(',');
    write_key(element.key);
    if (is_first && is_confidential(element.key)) {
      put('?');
      break;
    }
    write_value({element, element.key, part::command, is_first}, depth);
    is_first = false;
  }
  put('}');
}

void command_shape::write_document(std::string_view document, part content,
                                   std::size_t depth) noexcept {
  put('{');
  bool is_first = true;
  for (bson_elements each{document}; each.next() && may_go_on();) {
    const bson_element& element = each.current();
    if (!is_first) put(',');
    is_first = false;
    write_key(element.key);
    write_value({element, element.key, content, false}, depth);
  }
  put('}');
}

// An item like the one before says nothing new.
void command_shape::write_list(const named_value& list, part content, std::size_t depth) noexcept {
  put('[');
  std::string_view before;
  int items = 0;
  for (bson_elements each{list.element.value}; items < most_items && each.next() && may_go_on();
       ++items) {
    const std::size_t separator = size_;
    if (items != 0) put(',');
    const std::size_t begin = size_;
    write_value({each.current(), list.name, content, false}, depth);
    const std::string_view item = text().substr(begin);
    if (items != 0 && item == before) {
      size_ = separator;
    } else {
      before = item;
    }
  }
  put(']');
}

void command_shape::write_value(const named_value& value, std::size_t depth) noexcept {
  const bson_element& element = value.element;
  if (element.is_nested()) return write_nested(value, depth + 1);
  if (element.is(bson_type::text))
    return is_name(value, element.text()) ? write_text(element.text()) : put('?');
  if (value.outer == part::directions && !element.is(bson_type::boolean)) {
    const std::int64_t direction = element.integer();
    if (direction == 1) return put('1');
    if (direction == -1) return put("-1");
    const bool is_number = element.is(bson_type::integer32) || element.is(bson_type::integer64) ||
                           element.is(bson_type::real);
    if (direction == 0 && is_number) return put('0');
  }
  put('?');
}

void command_shape::write_nested(const named_value& value, std::size_t depth) noexcept {
  if (depth >= deepest) return put('?');
  const bool is_list = value.element.is(bson_type::array);
  if (is_content(value)) return is_list ? put("[?]") : put('?');
  const std::string_view bytes = value.element.value;
  if (value.outer == part::command && value.name == "explain") {
    return write_command(bytes, depth, nullptr);
  }
  const part content = part_of(value);
  if (is_list) return write_list(value, content, depth);
  write_document(bytes, content, depth);
}

void command_shape::write_key(std::string_view key) noexcept {
  if (!fits_between_quotes(key)) return put("?:");
  constexpr std::size_t around = 3;
  if (is_full_ || size_ + key.size() + around > longest) {
    is_full_ = true;
    return;
  }
  char* into = room_.data() + size_;
  *into++ = '"';
  into += key.copy(into, key.size());
  *into++ = '"';
  *into = ':';
  size_ += key.size() + around;
}

void command_shape::write_text(std::string_view text) noexcept {
  constexpr std::size_t around = 2;
  if (is_full_ || size_ + text.size() + around > longest) {
    is_full_ = true;
    return;
  }
  char* into = room_.data() + size_;
  *into++ = '"';
  into += text.copy(into, text.size());
  *into = '"';
  size_ += text.size() + around;
}

// Once something has not fitted, all that follows would be of another place.
void command_shape::put(std::string_view text) noexcept {
  if (is_full_ || size_ + text.size() > longest) {
    is_full_ = true;
    return;
  }
  text.copy(room_.data() + size_, text.size());
  size_ += text.size();
}

command_shape::part command_shape::part_of(const named_value& value) noexcept {
  const std::string_view name = value.name;
  const bool is_list = value.element.is(bson_type::array);
  // An item of a list has the list's own content.
  const bool is_item = value.element.key != name;
  if (is_item) return value.outer;
  switch (value.outer) {
    case part::command:
      if (name == "pipeline" || (name == "update" && is_list)) return part::expression;
      if (is_one_of(name, "updates", "deletes", "ops")) return part::writes;
      if (name == "nsInfo") return part::spaces;
      if (name == "indexes") return part::indexes;
      return has_directions(name) ? part::directions : part::values;
    case part::writes:
      if (is_list && is_one_of(name, "u", "updateMods")) return part::expression;
      return has_directions(name) ? part::directions : part::values;
    case part::indexes: return name == "key" ? part::directions : part::values;
    case part::values: return name == "$expr" ? part::expression : part::values;
    case part::expression:
      if (is_one_of(name, "$lookup", "$graphLookup", "$unionWith", "$merge", "$out")) {
        return part::join;
      }
      if (is_one_of(name, "$sort", "sortBy")) return part::directions;
      if (is_one_of(name, "$match", "$literal", "$const", "$documents", "$search", "$searchMeta",
                    "$vectorSearch", "$changeStream", "$geoNear", "restrictSearchWithMatch")) {
        return part::values;
      }
      return part::expression;
    case part::join:
      if (is_one_of(name, "from", "into", "on")) return part::join;
      return name == "restrictSearchWithMatch" ? part::values : part::expression;
    default: return value.outer;
  }
}

bool command_shape::is_name(const named_value& value, std::string_view text) noexcept {
  if (!fits_between_quotes(text)) return false;
  switch (value.outer) {
    case part::command:
      return value.is_first || is_one_of(value.name, "collection", "viewOn", "to", "out");
    case part::spaces: return value.name == "ns";
    case part::expression:
      return text.starts_with('$') || is_one_of(value.name, "$out", "$unionWith");
    case part::join: return text.starts_with('$') || is_field_or_collection(value.name);
    case part::values: return value.name == "$expr" && text.starts_with('$');
    default: return false;
  }
}

bool command_shape::is_content(const named_value& value) noexcept {
  const std::string_view name = value.name;
  const bool is_of_command = value.outer == part::command;
  if (is_of_command && name == "documents") return true;
  if (value.outer == part::writes && name == "document") return true;
  const bool is_update = (is_of_command && name == "update") ||
                         (value.outer == part::writes && is_one_of(name, "u", "updateMods"));
  if (!is_update || !value.element.is(bson_type::document)) return false;
  bson_elements each{value.element.value};
  return each.next() && !each.current().key.starts_with('$');
}

void command_shape::note_first(const bson_element& element) noexcept {
  facts_.name = element.key;
  facts_.collection = element.text();
  if (element.key == "getMore") facts_.cursor = element.integer();
}

void command_shape::note(const bson_element& element) noexcept {
  const std::string_view key = element.key;
  if (key == "lsid") {
    facts_.session = find_element(element.value, "id").value;
  } else if (key == "txnNumber") {
    facts_.has_transaction_number = true;
  } else if (key == "autocommit") {
    facts_.is_in_transaction = !element.is_true();
  } else if (key == "startTransaction") {
    facts_.begins_transaction = element.is_true();
  } else if (key == "collection" && facts_.name == "getMore") {
    facts_.collection = element.text();
  } else if (key == "tailable") {
    facts_.is_endless = element.is_true();
  } else if (!element.is(bson_type::array)) {
    return;
  } else if (key == "cursors" && facts_.name == "killCursors") {
    facts_.cursors = element.value;
    facts_.cursor = find_element(element.value, "0").integer();
  } else if (is_one_of(key, "documents", "updates", "deletes", "ops")) {
    facts_.batch_size = count_elements(element.value);
  } else if (key == "pipeline") {
    for (bson_elements each{element.value}; each.next();) {
      const std::string_view stage = each.current().value;
      if (names_first(stage, "$changeStream")) facts_.is_endless = true;
      if (names_first(stage, "$out") || names_first(stage, "$merge")) facts_.writes_result = true;
    }
  }
}

}  // namespace querytap::mongodb::detail
