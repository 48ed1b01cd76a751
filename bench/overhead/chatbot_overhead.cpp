// How much longer a whole chat request takes because its queries are measured: the chatbot of the
// examples, service, retrieval and SQLite store, over made-up pages, with its recorder on and off.
// The other programs of this folder show what the decorators cost with the recorder off.
//
//     chatbot_overhead --rounds=1000 --out=chatbot.json

#include "../support/contest.hpp"
#include "../support/options.hpp"

#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/load/questions.hpp>
#include <rag_chatbot/retrieval/answer.hpp>
#include <rag_chatbot/retrieval/hashed_embedder.hpp>
#include <rag_chatbot/retrieval/retriever.hpp>
#include <rag_chatbot/retrieval/vector_index.hpp>
#include <rag_chatbot/service/chat_service.hpp>
#include <rag_chatbot/store/ingest.hpp>
#include <rag_chatbot/store/sqlite_store.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace {

using namespace rag_chatbot;

constexpr std::size_t pages = 300;
constexpr std::size_t embedding_dimensions = 512;

std::string made_up_text(std::mt19937& random, std::size_t words) {
  std::string text;
  for (std::size_t i = 0; i < words; ++i) {
    text += "word" + std::to_string(random() % 2000) + (i % 12 == 11 ? ". " : " ");
  }
  return text;
}

std::vector<document> made_up_pages() {
  std::mt19937 random{1};
  std::vector<document> result;
  for (std::size_t i = 0; i < pages; ++i) {
    const std::string name = "page" + std::to_string(i);
    const std::string purpose = made_up_text(random, 6);
    result.push_back({name + "(1)",
                      {{name}, purpose},
                      {{"NAME", name + " - " + purpose},
                       {"DESCRIPTION", made_up_text(random, 400)},
                       {"OPTIONS", made_up_text(random, 400)}}});
  }
  return result;
}

class temporary_folder {
 public:
  temporary_folder()
      : path_{std::filesystem::temp_directory_path() /
              ("querytap_chatbot_overhead_" + std::to_string(getpid()))} {
    std::filesystem::create_directories(path_);
  }
  ~temporary_folder() { std::filesystem::remove_all(path_); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// The service without HTTP.
struct chatbot {
  chatbot(bool measured, const std::vector<document>& documents, const std::filesystem::path& file)
      : recorder{{.service_name = "bench", .disabled = !measured}},
        library{open_sqlite_store(recorder, file)},
        passages{cut(documents)},
        embed{embedding_dimensions, texts_to_embed(passages)},
        ingested{ingest(*library, passages, embed)} {
    library->for_each_vector(
        [&](passage_id id, std::span<const float> vector) { vectors.add(id, vector); });
  }

  void ask(const std::string& question) {
    const chat_reply reply = chat.handle("{\"question\": \"" + question + "\"}");
    if (reply.status != 200) throw std::runtime_error{"the chatbot answered " + reply.body};
  }

  querytap::recorder recorder;
  std::unique_ptr<store> library;
  std::vector<cut_document> passages;
  hashed_embedder embed;
  bool ingested;
  vector_index vectors{embed.dimensions()};
  retriever search{recorder, *library, embed, vectors};
  extracting_answerer author;
  chat_service chat{recorder, {*library, *library, search, author}};
};

auto questions_for(chatbot& bot, const std::vector<known_question>& questions) {
  return [&, next = std::size_t{0}](std::size_t calls) mutable {
    for (; calls > 0; --calls) bot.ask(questions[next++ % questions.size()].text);
  };
}

}  // namespace

int main(int argc, char** argv) try {
  using namespace querytap::bench;
  refuse_others(argc, argv, {"rounds", "out"});
  const auto documents = made_up_pages();
  const auto questions = make_questions(documents, pages, 1);
  const temporary_folder folder;
  chatbot bare{false, documents, folder.path() / "bare.sqlite"};
  chatbot measured{true, documents, folder.path() / "measured.sqlite"};

  contest overhead{"overhead/chatbot", {.calls = 1}, thread_time};
  overhead.add("bare", questions_for(bare, questions));
  overhead.add("querytap", questions_for(measured, questions));
  overhead.run(std::stoul(option(argc, argv, "rounds", "2000")));
  overhead.print();
  overhead.write(option(argc, argv, "out", ""));
} catch (const std::exception& failure) {
  std::fprintf(stderr, "chatbot_overhead: %s\n", failure.what());
  return 1;
}
