// A chatbot that answers questions about Linux from its manual pages, with every query measured.
//
//     $ rag_chatbot --once
//     $ curl -d '{"question": "Which call creates a pipe?"}' http://127.0.0.1:8080/chat

#include <querytap/base/human.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/servers/sqlite.hpp>

#include <rag_chatbot/backends/chroma_index.hpp>
#include <rag_chatbot/backends/model_answerer.hpp>
#include <rag_chatbot/backends/model_prices.hpp>
#include <rag_chatbot/backends/mongo_history.hpp>
#include <rag_chatbot/backends/redis_cache.hpp>
#include <rag_chatbot/corpus/manual_pages.hpp>
#include <rag_chatbot/corpus/parallel.hpp>
#include <rag_chatbot/corpus/text_folder.hpp>
#include <rag_chatbot/dependencies/dependencies.hpp>
#include <rag_chatbot/load/load.hpp>
#include <rag_chatbot/options.hpp>
#include <rag_chatbot/report/record_cost.hpp>
#include <rag_chatbot/report/report.hpp>
#include <rag_chatbot/retrieval/answer.hpp>
#include <rag_chatbot/retrieval/hashed_embedder.hpp>
#include <rag_chatbot/retrieval/retriever.hpp>
#include <rag_chatbot/retrieval/vector_index.hpp>
#include <rag_chatbot/service/chat_service.hpp>
#include <rag_chatbot/service/http_server.hpp>
#include <rag_chatbot/shutdown_signal.hpp>
#include <rag_chatbot/stopwatch.hpp>
#include <rag_chatbot/store/ingest.hpp>
#include <rag_chatbot/store/postgres_store.hpp>
#include <rag_chatbot/store/sqlite_store.hpp>

#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>

namespace rag_chatbot {
namespace {

constexpr std::size_t embedding_dimensions = 512;
constexpr std::uint64_t load_seed = 1;

/// Progress is read while it happens, also through a pipe.
template <class... Arguments>
void say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::print(format, std::forward<Arguments>(arguments)...);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

std::vector<document> read_corpus(const options& chosen, const std::stop_token& stop) {
  const stopwatch watch;
  auto documents = chosen.corpus.empty() ? load_manual_pages(chosen.scratch, stop)
                                         : load_text_folder(chosen.corpus);
  say("corpus: {} documents in {}", documents.size(), watch.elapsed());
  return documents;
}

std::filesystem::path sqlite_file(const options& chosen) {
  return chosen.database.empty() ? chosen.scratch / "rag_chatbot.sqlite" : chosen.database;
}

std::unique_ptr<store> open_store(querytap::recorder& recorder, const options& chosen) {
  if (chosen.backend == backend_kind::postgres) {
    return open_postgres_store(recorder, chosen.connection, {chosen.slow, chosen.mistakes});
  }
  const auto file = sqlite_file(chosen);
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
  return open_sqlite_store(recorder, file, {chosen.slow, chosen.mistakes});
}

std::unique_ptr<vector_search> open_vectors(querytap::recorder& recorder, const options& chosen,
                                            store& library, const embedder& embed) {
  if (chosen.vectors == vectors_kind::chroma) {
    return open_chroma_index(recorder, chosen.chroma, library);
  }
  auto index = std::make_unique<vector_index>(embed.dimensions());
  library.for_each_vector(
      [&](passage_id id, std::span<const float> vector) { index->add(id, vector); });
  return index;
}

/// Null where the store has the conversations, too.
std::unique_ptr<history> open_history(querytap::recorder& recorder, const options& chosen) {
  if (chosen.history == history_kind::backend) return nullptr;
  return open_mongo_history(recorder, chosen.mongo);
}

std::unique_ptr<answer_cache> open_cache(querytap::recorder& recorder, const options& chosen) {
  if (chosen.cache == cache_kind::none) return nullptr;
  return open_redis_cache(recorder, chosen.redis);
}

std::unique_ptr<answerer> open_answerer(querytap::recorder& recorder, const options& chosen) {
  if (chosen.model.empty()) return std::make_unique<extracting_answerer>();
  const char* const key = std::getenv("OPENAI_API_KEY");
  model_options model{chosen.model, chosen.model_name, key == nullptr ? "" : key};
  if (!chosen.prices.empty()) model.prices = open_model_prices(recorder, chosen.prices);
  if (chosen.budget > 0) model.budget = querytap::money::dollars(chosen.budget);
  return open_model_answerer(recorder, model);
}

std::shared_ptr<querytap::server_inspector> plans_of(const options& chosen) {
  if (chosen.backend == backend_kind::postgres) return postgres_store_plans(chosen.connection);
  return std::make_shared<querytap::sqlite_inspector>(sqlite_file(chosen));
}

void fill(store& library, std::span<const cut_document> documents, const embedder& embed,
          const std::stop_token& stop) {
  const stopwatch watch;
  const bool stored = ingest(library, documents, embed, stop);
  say("store: {} in {}", stored ? "documents embedded and stored" : "holds this corpus already",
      watch.elapsed());
}

void load_and_report(querytap::recorder& recorder, querytap::query_watch& watch,
                     querytap::collectors& servers, const options& chosen,
                     std::span<const document> documents, const address& service,
                     const std::stop_token& stop) {
  const schedule plan{chosen.rate, chosen.users, chosen.load_time, load_seed};
  const auto questions = make_questions(documents, plan.questions(), load_seed);
  say("load: {} questions in {}, from {} users", questions.size(),
      querytap::human_duration(chosen.load_time), plan.users());

  report_facts facts;
  facts.record_nanoseconds = measure_record_cost();
  servers.ask_now();
  facts.before_load = recorder.collect();
  facts.load = run_load(plan, questions, service, stop);
  watch.look();
  servers.ask_now();
  facts.after_load = recorder.collect();
  say("\n{}", report_on(facts));
}

/// Until the documents are read and stored, questions cannot be answered.
querytap::health_check check_of_start(const std::atomic<bool>& is_serving) {
  return {.component = "start",
          .needed_for = "serving",
          .probe = querytap::make_probe([&](querytap::health_probe::deadline) {
            if (!is_serving) throw querytap::probe_error{"the service is still starting"};
            return querytap::health_answer{};
          }),
          .interval = std::chrono::seconds{2},
          .failures = 1,
          .successes = 1};
}

void run(const options& chosen) {
  const shutdown_signal shutdown;  // before anything that starts a thread
  const auto documents = read_corpus(chosen, shutdown.token());

  querytap::recorder recorder{{.service_name = "rag_chatbot"}};
  std::atomic<bool> is_serving{false};
  const querytap::health start{recorder, {.checks = {check_of_start(is_serving)}}};
  const querytap::scrape_endpoint endpoint{recorder, {.listen = to_string(chosen.metrics)}};
  querytap::query_watch watch{recorder, {.plans = {plans_of(chosen)}}};
  say("metrics http://{}/metrics", to_string({chosen.metrics.host, endpoint.port()}));
  say("the live page http://{}/", to_string({chosen.metrics.host, endpoint.port()}));

  const auto passages = cut(documents);
  const hashed_embedder embed{embedding_dimensions, texts_to_embed(passages)};
  const auto library = open_store(recorder, chosen);
  fill(*library, passages, embed, shutdown.token());

  const auto vectors = open_vectors(recorder, chosen, *library, embed);
  const auto conversations = open_history(recorder, chosen);
  const auto author = open_answerer(recorder, chosen);
  const auto cache = open_cache(recorder, chosen);
  retriever search{recorder, *library, embed, *vectors};
  history& memory = conversations ? *conversations : *library;
  chat_service chat{recorder, {*library, memory, search, *author, cache.get()}};
  const http_server server{{.listen = chosen.listen, .threads = chosen.users + 16},
                           [&chat](std::string_view body) { return chat.handle(body); }};
  dependencies all = dependencies_of(chosen, sqlite_file(chosen), *library, recorder);
  querytap::health health{recorder, std::move(all.health)};
  querytap::collectors servers{recorder, std::move(all.collectors)};
  is_serving = true;
  say("serving http://{}/chat", to_string(server.listening()));

  if (chosen.load_time.count() > 0) {
    load_and_report(recorder, watch, servers, chosen, documents, server.listening(),
                    shutdown.token());
  }
  if (chosen.once) return;
  say("serving until Ctrl-C");
  shutdown.wait();
  health.drain();  // no further requests, while those that are there are answered
  say("shutting down");
}

int exit_code_of_current_exception() {
  constexpr int not_usable = 2;
  try {
    throw;
  } catch (const usage_error& error) {
    fmt::print(stderr, "rag_chatbot: {}; --help lists the options\n", error.what());
    return not_usable;
  } catch (const unusable_corpus& error) {
    fmt::print(stderr, "rag_chatbot: {}\n", error.what());
    return not_usable;
  } catch (const stopped&) {
    fmt::print(stderr, "rag_chatbot: stopped before it was ready\n");
    return 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "rag_chatbot: {}\n", error.what());
    return 1;
  }
}

}  // namespace
}  // namespace rag_chatbot

int main(int count, char** arguments) {
  try {
    const auto chosen =
        rag_chatbot::parse_options(std::span{arguments, arguments + count}.subspan(1));
    if (chosen.help) {
      fmt::print("{}", rag_chatbot::usage());
    } else {
      rag_chatbot::run(chosen);
    }
    return 0;
  } catch (...) {
    return rag_chatbot::exit_code_of_current_exception();
  }
}
