#pragma once

#include <rag_chatbot/load/chat_client.hpp>
#include <rag_chatbot/load/questions.hpp>
#include <rag_chatbot/load/schedule.hpp>

#include <chrono>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace rag_chatbot {

/// The clock of a load; tests inject one that does not wait.
class load_time {
 public:
  load_time() = default;
  virtual ~load_time() = default;
  load_time(const load_time&) = delete;
  load_time& operator=(const load_time&) = delete;

  /// Since the start of the load.
  [[nodiscard]] virtual std::chrono::nanoseconds elapsed() = 0;
  /// Returns at once for a time that has passed. False if the load is to end.
  [[nodiscard]] virtual bool wait_until(std::chrono::nanoseconds when) = 0;
};

struct load_result {
  std::size_t asked = 0;
  std::size_t failed = 0;  ///< no reply, or one that is not 200
  std::size_t found = 0;   ///< the right page was among the first five cited
  /// From the time at which the question was due, not at which it could be sent: a stalled service
  /// does not hide the questions that waited. Without those of failed questions.
  std::vector<std::chrono::nanoseconds> latencies;
};

using ask_question = std::function<chat_answer(std::optional<conversation_id>, const std::string&)>;

/// One user's share of the load, in one conversation. A question that is due while its predecessor
/// is being answered is asked right after, and the wait counts.
[[nodiscard]] load_result run_user(std::size_t user, const schedule& plan,
                                   std::span<const known_question> questions, load_time& time,
                                   const ask_question& ask);

/// All users at once, over HTTP. Ends early when asked to stop.
[[nodiscard]] load_result run_load(const schedule& plan, std::span<const known_question> questions,
                                   const address& service, const std::stop_token& stop);

}  // namespace rag_chatbot
