#include <rag_chatbot/load/load.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace rag_chatbot {
namespace {

using steady_clock = std::chrono::steady_clock;

class real_time final : public load_time {
 public:
  real_time(steady_clock::time_point start, std::stop_token stop)
      : start_{start}, stop_{std::move(stop)} {}

  std::chrono::nanoseconds elapsed() override { return steady_clock::now() - start_; }

  bool wait_until(std::chrono::nanoseconds when) override {
    std::unique_lock lock{mutex_};
    wake_.wait_until(lock, stop_, start_ + when, [] { return false; });
    return !stop_.stop_requested();
  }

 private:
  steady_clock::time_point start_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
};

bool among_first_five(const std::vector<std::string>& pages, const std::string& page) {
  const auto end =
      pages.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(5, pages.size()));
  return std::find(pages.begin(), end, page) != end;
}

void merge(load_result& all, const load_result& user) {
  all.asked += user.asked;
  all.failed += user.failed;
  all.found += user.found;
  all.latencies.insert(all.latencies.end(), user.latencies.begin(), user.latencies.end());
}

}  // namespace

load_result run_user(std::size_t user, const schedule& plan,
                     std::span<const known_question> questions, load_time& time,
                     const ask_question& ask) {
  load_result result;
  std::optional<conversation_id> conversation;
  for (std::size_t i = user; i < questions.size(); i += plan.users()) {
    const auto due = plan.start_of(i);
    if (!time.wait_until(due)) break;
    const auto answer = ask(conversation, questions[i].text);
    ++result.asked;
    if (answer.status != 200) {
      ++result.failed;
      continue;
    }
    conversation = answer.conversation;
    result.latencies.push_back(time.elapsed() - due);
    if (among_first_five(answer.cited_pages, questions[i].page)) ++result.found;
  }
  return result;
}

load_result run_load(const schedule& plan, std::span<const known_question> questions,
                     const address& service, const std::stop_token& stop) {
  std::vector<load_result> results(plan.users());
  const auto start = steady_clock::now();
  {
    std::vector<std::jthread> users;
    for (std::size_t user = 0; user < plan.users(); ++user) {
      users.emplace_back([&, user] {
        real_time time{start, stop};
        chat_client client{service};
        results[user] = run_user(user, plan, questions, time,
                                 [&](const auto& conversation, const std::string& question) {
                                   return client.ask(conversation, question);
                                 });
      });
    }
  }
  load_result all;
  for (const auto& result : results) merge(all, result);
  return all;
}

}  // namespace rag_chatbot
