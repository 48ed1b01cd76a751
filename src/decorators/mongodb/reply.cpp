#include "reply.hpp"

#include "bson_elements.hpp"
#include "common_reply.hpp"

#include <algorithm>

namespace querytap::mongodb::detail {
namespace {

void read_cursor(std::string_view cursor, reply_facts& facts) noexcept {
  for (bson_elements each{cursor}; each.next();) {
    const bson_element& element = each.current();
    if (is_one_of(element.key, "id")) {
      facts.cursor = element.integer();
    } else if (is_one_of(element.key, "firstBatch", "nextBatch")) {
      facts.rows = count_elements(element.value);
    }
  }
}

void read_labels(std::string_view list, error_labels& labels) noexcept {
  for (bson_elements each{list}; each.next();) {
    const std::string_view label = each.current().text();
    if (label == "SystemOverloadedError") labels.is_overload = true;
    if (label == "RetryableError" || label == "RetryableWriteError") labels.is_retryable = true;
    if (label == "TransientTransactionError") labels.is_transient = true;
    if (label == "UnknownTransactionCommitResult") labels.is_unknown_commit = true;
  }
}

std::int64_t code_of(std::string_view document) noexcept {
  return find_element(document, "code").integer();
}

// What stands in few replies.
[[gnu::noinline]] void read_rare(const bson_element& element, reply_facts& facts,
                                 std::int64_t& code_of_write) noexcept {
  const std::string_view key = element.key;
  if (key == "writeErrors" && element.is(bson_type::array)) {
    code_of_write = code_of(find_element(element.value, "0").value);
  } else if (key == "writeConcernError" && element.is(bson_type::document)) {
    if (code_of_write == 0) code_of_write = code_of(element.value);
    read_labels(find_element(element.value, "errorLabels").value, facts.labels);
  } else if (key == "errorLabels" && element.is(bson_type::array)) {
    read_labels(element.value, facts.labels);
  }
}

}  // namespace

reply_facts read_reply(std::string_view reply, command_kind command) noexcept {
  common_reply common{reply};
  return common.read() ? common.facts(command) : read_any_reply(reply, command);
}

reply_facts read_any_reply(std::string_view reply, command_kind command) noexcept {
  reply_facts facts;
  std::int64_t code_of_write = 0;
  bool is_ok = false;
  for (bson_elements each{reply}; each.next();) {
    const bson_element& element = each.current();
    const std::string_view key = element.key;
    if (is_one_of(key, "operationTime", "$clusterTime")) continue;
    if (is_one_of(key, "ok")) {
      is_ok = element.is_true();
    } else if (is_one_of(key, "cursor")) {
      if (element.is_nested()) read_cursor(element.value, facts);
    } else if (is_one_of(key, "n")) {
      if (command == command_kind::count) continue;
      facts.affected = static_cast<std::uint64_t>(std::max<std::int64_t>(element.integer(), 0));
    } else if (is_one_of(key, "code")) {
      facts.code = element.integer();
    } else if (is_one_of(key, "values")) {
      if (command != command_kind::distinct || !element.is(bson_type::array)) continue;
      facts.rows = count_elements(element.value);
    } else {
      read_rare(element, facts, code_of_write);
    }
  }
  // What else a command that succeeded calls a code is its own.
  if (is_ok || facts.code == 0) facts.code = code_of_write;
  return facts;
}

}  // namespace querytap::mongodb::detail
