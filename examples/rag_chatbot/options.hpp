#pragma once

#include <rag_chatbot/service/address.hpp>
#include <rag_chatbot/store/plants.hpp>

#include <chrono>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>

namespace rag_chatbot {

enum class backend_kind : std::uint8_t { sqlite, postgres };
enum class vectors_kind : std::uint8_t { memory, chroma };
enum class cache_kind : std::uint8_t { none, redis };
enum class history_kind : std::uint8_t { backend, mongo };

/// What the command line says.
struct options {
  backend_kind backend = backend_kind::sqlite;
  std::filesystem::path database;  ///< empty: rag_chatbot.sqlite in the scratch folder
  std::string connection;          ///< of libpq; what it leaves out comes from PG* variables
  std::filesystem::path corpus;    ///< empty: the manual pages
  std::filesystem::path scratch = "build/rag_chatbot_cache";
  vectors_kind vectors = vectors_kind::memory;
  std::string chroma = "http://127.0.0.1:8000";
  cache_kind cache = cache_kind::none;
  address redis{"127.0.0.1", 6379};
  history_kind history = history_kind::backend;
  std::string mongo = "mongodb://127.0.0.1:27017";
  std::string model;  ///< the URL of its endpoint; empty: answers are extracts
  std::string model_name = "default";
  std::filesystem::path prices;  ///< of models; empty: no answer has a cost
  double budget = 0;  ///< dollars that a tenant may spend on models in a day; 0: any number
  address listen{"127.0.0.1", 8080};
  address metrics{"127.0.0.1", 9464};
  double rate = 50;
  std::size_t users = 8;
  std::chrono::seconds load_time{20};
  std::chrono::milliseconds slow{100};  ///< a query that takes longer is reported
  plants mistakes;
  bool once = false;
  bool help = false;
};

/// The command line cannot be parsed; the message names the option.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Arguments as main() gets them, without the program's name.
[[nodiscard]] options parse_options(std::span<const char* const> arguments);

[[nodiscard]] std::string usage();

}  // namespace rag_chatbot
