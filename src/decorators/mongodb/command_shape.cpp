#include "command_shape.hpp"

#include <algorithm>
#include <cstring>

namespace querytap::mongodb::detail {
namespace {

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

command_kind kind_of(std::string_view command) noexcept {
  if (is_one_of(command, "find", "aggregate", "listCollections", "listDatabases", "listIndexes")) {
    return command_kind::read;
  }
  if (is_one_of(command, "count")) return command_kind::count;
  if (is_one_of(command, "distinct")) return command_kind::distinct;
  if (is_one_of(command, "getMore")) return command_kind::get_more;
  if (is_one_of(command, "killCursors")) return command_kind::kill_cursors;
  if (is_one_of(command, "commitTransaction")) return command_kind::commit;
  if (is_one_of(command, "abortTransaction")) return command_kind::abort;
  return command_kind::other;
}

bool holds_only_scalars(std::string_view list) noexcept {
  int items = 0;
  for (bson_elements each{list}; items < 1000 && each.next(); ++items) {
    if (each.current().is_nested()) return false;
  }
  return items != 0;
}

std::uint64_t hash_of_values(std::string_view command) noexcept {
  constexpr std::size_t most_of_documents = 256;
  parameter_digest digest;
  bool is_first = true;
  for (bson_elements each{command}; each.next(); is_first = false) {
    const std::string_view key = each.current().key;
    const std::string_view value = each.current().value;
    if (!is_first && !key.empty() && is_of_driver(key)) continue;
    // Of stored documents, which may be long, the first one's id is enough.
    digest.add(is_one_of(key, "documents") ? value.substr(0, most_of_documents) : value);
  }
  return digest.hash();
}

std::string_view session_of(std::string_view command) noexcept {
  return find_element(find_element(command, "lsid").value, "id").value;
}

command_shape::command_shape(std::string_view command) noexcept : begin_{command.data()} {
  write_command(command, 0);
}

void command_shape::write_command(std::string_view command, std::size_t depth) noexcept {
  leave_size_open(command);
  put('{');
  bool is_first = true;
  bson_elements each{command};
  while (each.next() && may_go_on()) {
    const bson_element& element = each.current();
    if (is_first && depth == 0) note_first(element);
    if (!is_first && depth == 0) note(element);
    if (!is_first && !element.key.empty() && is_of_driver(element.key)) {
      if (element.key != "$db") leave_open(element);
      continue;
    }
    if (!is_first) put(',');
    write_key(element.key);
    if (is_first && is_confidential(element.key)) {
      put('?');
      break;
    }
    write_value({element, element.key, part::command, is_first}, depth);
    is_first = false;
  }
  end_document(each);
  put('}');
}

void command_shape::write_document(std::string_view document, part content,
                                   std::size_t depth) noexcept {
  leave_size_open(document);
  put('{');
  bool is_first = true;
  bson_elements each{document};
  while (each.next() && may_go_on()) {
    const bson_element& element = each.current();
    if (!is_first) put(',');
    is_first = false;
    write_key(element.key);
    write_value({element, element.key, content, false}, depth);
  }
  end_document(each);
  put('}');
}

void command_shape::write_list(const named_value& list, part content, std::size_t depth) noexcept {
  const std::string_view bytes = list.element.value;
  if (content == part::values && list.name != "$expr" && holds_only_scalars(bytes)) {
    leave_open(bytes, command_gap::kind::scalars);
    return put("[?]");
  }
  write_items(list, content, depth);
}

// An item like the one before says nothing new.
void command_shape::write_items(const named_value& list, part content, std::size_t depth) noexcept {
  leave_size_open(list.element.value);
  put('[');
  std::string_view before;
  int items = 0;
  bson_elements each{list.element.value};
  for (; items < most_items && each.next() && may_go_on(); ++items) {
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
  end_document(each);
  // Lists of any length would be as many shapes.
  constexpr int most_known_items = 8;
  has_gaps_ = has_gaps_ && items <= (content == part::writes ? 1 : most_known_items);
  put(']');
}

void command_shape::write_value(const named_value& value, std::size_t depth) noexcept {
  const bson_element& element = value.element;
  if (element.is_nested()) return write_nested(value, depth + 1);
  if (element.is(bson_type::text) && is_name(value, element.text())) {
    return write_text(element.text());
  }
  if (value.outer == part::directions && !element.is(bson_type::boolean)) {
    const std::int64_t direction = element.integer();
    if (direction == 1) return put('1');
    if (direction == -1) return put("-1");
    const bool is_number = element.is(bson_type::integer32) || element.is(bson_type::integer64) ||
                           element.is(bson_type::real);
    if (direction == 0 && is_number) return put('0');
    has_gaps_ = has_gaps_ && !is_number;
  }
  has_gaps_ = has_gaps_ && !(element.is(bson_type::text) && may_be_name(value));
  leave_open(element);
  put('?');
}

void command_shape::write_nested(const named_value& value, std::size_t depth) noexcept {
  const std::string_view bytes = value.element.value;
  if (depth >= deepest) {
    has_gaps_ = false;
    return put('?');
  }
  const bool is_list = value.element.is(bson_type::array);
  if (is_content(value)) {
    // Whether an update is content depends on its own keys.
    has_gaps_ = has_gaps_ && is_one_of(value.name, "documents", "document");
    const bool is_batch = is_list && depth == 1;
    leave_open(bytes, is_batch ? command_gap::kind::documents : command_gap::kind::sized);
    return is_list ? put("[?]") : put('?');
  }
  if (value.outer == part::command && value.name == "explain") return write_command(bytes, depth);
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

bool command_shape::may_be_name(const named_value& value) noexcept {
  switch (value.outer) {
    case part::command:
      return value.is_first || is_one_of(value.name, "collection", "viewOn", "to", "out");
    case part::spaces: return value.name == "ns";
    case part::expression:
    case part::join: return true;
    case part::values: return value.name == "$expr";
    default: return false;
  }
}

bool command_shape::is_name(const named_value& value, std::string_view text) noexcept {
  if (!may_be_name(value) || !fits_between_quotes(text)) return false;
  switch (value.outer) {
    case part::expression:
      return text.starts_with('$') || is_one_of(value.name, "$out", "$unionWith");
    case part::join: return text.starts_with('$') || is_field_or_collection(value.name);
    case part::values: return text.starts_with('$');
    default: return true;
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
  is_hidden_ = false;
  facts_.kind = kind_of(element.key);
  if (facts_.kind == command_kind::get_more) facts_.cursor = element.integer();
  has_gaps_ = facts_.kind != command_kind::get_more && facts_.kind != command_kind::kill_cursors;
}

void command_shape::note(const bson_element& element) noexcept {
  const std::string_view key = element.key;
  if (key == "txnNumber") {
    facts_.has_transaction_number = true;
  } else if (is_one_of(key, "autocommit", "startTransaction", "tailable")) {
    note_flag(element);
  } else if (!element.is(bson_type::array)) {
    return;
  } else if (key == "cursors" && facts_.kind == command_kind::kill_cursors) {
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

void command_shape::note_flag(const bson_element& element) noexcept {
  has_gaps_ = has_gaps_ && element.is(bson_type::boolean);
  if (element.key == "autocommit") facts_.is_in_transaction = !element.is_true();
  if (element.key == "startTransaction") facts_.begins_transaction = element.is_true();
  if (element.key == "tailable") facts_.is_endless = element.is_true();
}

// A boolean is no gap: facts depend on some.
void command_shape::leave_open(const bson_element& element) noexcept {
  switch (element.type) {
    case bson_type::boolean: return;
    case bson_type::regular_expression: has_gaps_ = false; return;
    case bson_type::text:
    case bson_type::document:
    case bson_type::array:
    case bson_type::binary:
    case bson_type::reference:
    case bson_type::code:
    case bson_type::symbol:
    case bson_type::code_with_scope: return leave_open(element.value, command_gap::kind::sized);
    default: return leave_open(element.value, command_gap::kind::fixed);
  }
}

void command_shape::leave_open(std::string_view bytes, command_gap::kind content) noexcept {
  if (count_of_gaps_ == most_gaps) has_gaps_ = false;
  if (!has_gaps_ || bytes.empty()) return;
  gaps_[count_of_gaps_++] = {static_cast<std::size_t>(bytes.data() - begin_), bytes.size(),
                             content};
}

void command_shape::leave_size_open(std::string_view document) noexcept {
  if (document.size() < sizeof(std::int32_t)) {
    has_gaps_ = false;
    return;
  }
  leave_open(document.substr(0, sizeof(std::int32_t)), command_gap::kind::fixed);
}

}  // namespace querytap::mongodb::detail
