#include "otlp_verdict.hpp"

#include <nlohmann/json.hpp>
#include <protozero/pbf_message.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace querytap::detail {
namespace {

using nlohmann::json;
using protozero::pbf_message;
using protozero::pbf_tag_type;

// The fields of the responses of all three signals, and of google.rpc.Status.
enum class response : pbf_tag_type { partial_success = 1 };
enum class partial_success : pbf_tag_type { rejected = 1, message = 2 };
enum class rpc_status : pbf_tag_type { message = 2 };

constexpr std::array rejected_names{"rejectedDataPoints", "rejectedLogRecords", "rejectedSpans"};
constexpr std::size_t longest_message = 200;

// It goes to a log, and is a stranger's.
std::string readable(std::string_view text) {
  std::string result{text.substr(0, longest_message)};
  std::ranges::replace_if(
      result, [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, ' ');
  return result;
}

std::uint64_t count_of(std::int64_t rejected) {
  return static_cast<std::uint64_t>(std::max(rejected, std::int64_t{0}));
}

void read_partial_success(pbf_message<partial_success> from, otlp_verdict& to) {
  while (from.next()) {
    switch (from.tag()) {
      case partial_success::rejected: to.rejected = count_of(from.get_int64()); break;
      case partial_success::message: to.message = readable(from.get_string()); break;
      default: from.skip();
    }
  }
}

void read_success(pbf_message<response> from, otlp_verdict& to) {
  while (from.next(response::partial_success)) read_partial_success(from.get_message(), to);
}

void read_failure(pbf_message<rpc_status> from, otlp_verdict& to) {
  while (from.next(rpc_status::message)) to.message = readable(from.get_string());
}

// A number, or one in a string, as 64-bit integers are.
std::uint64_t count_of(const json& value) {
  if (value.is_number_integer()) return count_of(value.get<std::int64_t>());
  if (!value.is_string()) return 0;
  const auto& text = value.get_ref<const std::string&>();
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return count_of(number);
}

std::string text_of(const json& from, const char* key) {
  const auto found = from.find(key);
  return found != from.end() && found->is_string() ? readable(found->get<std::string>())
                                                   : std::string{};
}

void read_json(const std::string& body, otlp_verdict& to) {
  const json root = json::parse(body, nullptr, false);
  if (!root.is_object()) return;
  if (to.how != otlp_verdict::end::accepted) {
    to.message = text_of(root, "message");
    return;
  }
  const auto partial = root.find("partialSuccess");
  if (partial == root.end() || !partial->is_object()) return;
  to.message = text_of(*partial, "errorMessage");
  for (const char* name : rejected_names) {
    if (const auto found = partial->find(name); found != partial->end()) {
      to.rejected = count_of(*found);
    }
  }
}

// The status alone decides; a body that nobody can read says nothing.
void read_body(const http_reply& reply, otlp_verdict& to) {
  if (reply.content_type.starts_with("application/json")) return read_json(reply.body, to);
  if (!reply.content_type.starts_with("application/x-protobuf")) return;
  try {
    if (to.how == otlp_verdict::end::accepted) {
      read_success(pbf_message<response>{reply.body}, to);
    } else {
      read_failure(pbf_message<rpc_status>{reply.body}, to);
    }
  } catch (const protozero::exception&) {
    to.message = "the reply is not protobuf";
  }
}

bool may_be_tried_again(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

otlp_verdict judge_answer(const http_reply& reply) {
  otlp_verdict verdict{.status = reply.status};
  if (reply.status < 200 || reply.status > 299) {
    verdict.how =
        may_be_tried_again(reply.status) ? otlp_verdict::end::not_now : otlp_verdict::end::refused;
    verdict.error_type = std::to_string(reply.status);
    verdict.retry_after = reply.retry_after;
  }
  read_body(reply, verdict);
  return verdict;
}

}  // namespace

otlp_verdict judge(const http_reply& reply) {
  using end = otlp_verdict::end;
  switch (reply.how) {
    case http_reply::end::answered: return judge_answer(reply);
    case http_reply::end::not_connected: return {end::not_now, "not_connected"};
    case http_reply::end::no_answer: return {end::not_now, "no_answer"};
    case http_reply::end::timed_out: return {end::not_now, "timeout"};
    case http_reply::end::too_large: return {end::refused, "response_too_large"};
    case http_reply::end::no_http: return {end::refused, "no_http"};
    case http_reply::end::not_trusted: return {end::refused, "not_trusted"};
  }
  return {end::refused, "_OTHER"};
}

}  // namespace querytap::detail
