#include <rag_chatbot/backends/mongo_history.hpp>

#include <querytap/decorators/mongodb.hpp>

#include <mongoc/mongoc.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <random>
#include <stdexcept>

namespace rag_chatbot {
namespace {

namespace mongodb = querytap::mongodb;

template <class T, void (*End)(T*)>
struct end_with {
  void operator()(T* object) const noexcept { End(object); }
};
using client_pool = std::unique_ptr<mongoc_client_pool_t,
                                    end_with<mongoc_client_pool_t, mongoc_client_pool_destroy>>;
using message_collection =
    std::unique_ptr<mongoc_collection_t, end_with<mongoc_collection_t, mongoc_collection_destroy>>;
using message_cursor =
    std::unique_ptr<mongoc_cursor_t, end_with<mongoc_cursor_t, mongoc_cursor_destroy>>;

/// Templates do not take bson_t, for its alignment.
class bson_document {
 public:
  explicit bson_document(bson_t* document) noexcept : document_{document} {}
  bson_document(const bson_document&) = delete;
  bson_document& operator=(const bson_document&) = delete;
  ~bson_document() { bson_destroy(document_); }

  [[nodiscard]] bson_t* get() const noexcept { return document_; }

 private:
  bson_t* document_;
};

client_pool make_clients(const std::string& connection_string) {
  bson_error_t error;
  mongoc_uri_t* const uri = mongoc_uri_new_with_error(connection_string.c_str(), &error);
  // The text, which may hold a password, is not in the message.
  if (uri == nullptr) throw std::runtime_error{"--mongo: no connection string of MongoDB"};
  // libmongoc itself waits for five minutes.
  const auto limit = [uri](const char* option, std::int32_t milliseconds) {
    if (!mongoc_uri_has_option(uri, option))
      mongoc_uri_set_option_as_int32(uri, option, milliseconds);
  };
  limit(MONGOC_URI_SERVERSELECTIONTIMEOUTMS, 5'000);
  limit(MONGOC_URI_SOCKETTIMEOUTMS, 10'000);
  client_pool clients{mongoc_client_pool_new(uri)};
  mongoc_uri_destroy(uri);
  if (clients == nullptr) throw std::runtime_error{"--mongo: cannot be used"};
  return clients;
}

[[noreturn]] void refuse(const bson_error_t& error) {
  throw std::runtime_error{fmt::format("mongodb: error {} of domain {}", error.code, error.domain)};
}

std::int64_t current_microseconds() {
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

conversation_id new_conversation() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return static_cast<conversation_id>(random() >> 11);  // exact in every client's JSON
}

class mongo_history final : public history {
 public:
  mongo_history(querytap::recorder& recorder, const std::string& connection_string)
      : native_{make_clients(connection_string)},
        clients_{recorder, native_.get(), {.name = "history"}} {}

  std::vector<message> last_messages(conversation_id conversation, std::size_t limit) override {
    std::vector<message> messages;
    with_messages([&](mongoc_collection_t* collection) {
      const bson_document filter{BCON_NEW("conversation", BCON_INT64(conversation))};
      const bson_document options{BCON_NEW("sort", "{", "said", BCON_INT32(-1), "}", "limit",
                                           BCON_INT64(static_cast<std::int64_t>(limit)))};
      const message_cursor cursor{
          mongoc_collection_find_with_opts(collection, filter.get(), options.get(), nullptr)};
      const bson_t* document = nullptr;
      while (mongoc_cursor_next(cursor.get(), &document)) messages.push_back(message_of(document));
      bson_error_t error;
      if (mongoc_cursor_error(cursor.get(), &error)) refuse(error);
    });
    std::ranges::reverse(messages);
    return messages;
  }

  conversation_id add_exchange(std::optional<conversation_id> conversation,
                               std::string_view question, std::string_view answer) override {
    const conversation_id id = conversation ? *conversation : new_conversation();
    const std::int64_t said = current_microseconds();
    const bson_document asked = document_of(id, said, speaker::user, question);
    const bson_document answered = document_of(id, said + 1, speaker::assistant, answer);
    const bson_t* both[] = {asked.get(), answered.get()};
    with_messages([&](mongoc_collection_t* collection) {
      bson_error_t error;
      if (!mongoc_collection_insert_many(collection, both, std::size(both), nullptr, nullptr,
                                         &error)) {
        refuse(error);
      }
    });
    return id;
  }

 private:
  static bson_document document_of(conversation_id id, std::int64_t said, speaker author,
                                   std::string_view body) {
    bson_t* const document = bson_new();
    BSON_APPEND_INT64(document, "conversation", id);
    BSON_APPEND_INT64(document, "said", said);
    bson_append_utf8(document, "speaker", -1, to_string(author).data(),
                     static_cast<int>(to_string(author).size()));
    bson_append_utf8(document, "body", -1, body.data(), static_cast<int>(body.size()));
    return bson_document{document};
  }

  static message message_of(const bson_t* document) {
    const auto text = [document](const char* key) {
      bson_iter_t at;
      std::uint32_t size = 0;
      const bool is_text = bson_iter_init_find(&at, document, key) && BSON_ITER_HOLDS_UTF8(&at);
      if (!is_text) throw std::runtime_error{"mongodb: a message without its text"};
      const char* const found = bson_iter_utf8(&at, &size);
      return std::string_view{found, size};
    };
    return {speaker_named(text("speaker")), std::string{text("body")}};
  }

  template <class Use>
  void with_messages(Use use) {
    struct lent_client {
      explicit lent_client(mongodb::pool& from)
          : clients{from}, client{mongoc_client_pool_pop(&from)} {}
      ~lent_client() { mongoc_client_pool_push(&clients, client); }
      lent_client(const lent_client&) = delete;
      lent_client& operator=(const lent_client&) = delete;

      mongodb::pool& clients;
      mongoc_client_t* client;
    };
    const lent_client lent{clients_};
    const message_collection messages{
        mongoc_client_get_collection(lent.client, "chatbot", "messages")};
    use(messages.get());
  }

  const client_pool native_;
  mongodb::pool clients_;  // was: mongoc_client_pool_t*
};

}  // namespace

std::unique_ptr<history> open_mongo_history(querytap::recorder& recorder,
                                            const std::string& connection_string) {
  mongoc_init();
  return std::make_unique<mongo_history>(recorder, connection_string);
}

}  // namespace rag_chatbot
