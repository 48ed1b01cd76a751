#include <rag_chatbot/store/postgres_store.hpp>

#include <querytap/decorators/postgres.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/servers/postgres.hpp>

#include <rag_chatbot/store/vector_bytes.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace rag_chatbot {
namespace {

namespace postgres = querytap::postgres;

constexpr auto postgres_schema = {
    "create table if not exists corpus("
    " fingerprint text not null)",

    "create table if not exists documents("
    " id bigint primary key,"
    " page text not null unique,"
    " heading text not null)",

    "create table if not exists passages("
    " id bigint primary key,"
    " document_id bigint not null references documents(id),"
    " section text not null,"
    " body text not null,"
    " words tsvector not null)",
    "create index if not exists passages_by_document on passages(document_id)",
    "create index if not exists passages_by_word on passages using gin(words)",

    "create table if not exists embeddings("
    " passage_id bigint primary key references passages(id),"
    " vector bytea not null)",

    "create table if not exists conversations("
    " id bigint generated always as identity primary key,"
    " begun_at timestamptz not null default now())",

    "create table if not exists messages("
    " id bigint generated always as identity primary key,"
    " conversation_id bigint not null references conversations(id),"
    " speaker text not null check (speaker in ('user', 'assistant')),"
    " body text not null,"
    " said_at timestamptz not null default now())",
    "create index if not exists messages_by_conversation on messages(conversation_id)"};

/// The heading names the subject of the whole page, so it weighs more than a word of the text.
constexpr auto add_passage_sql =
    "insert into passages(id, document_id, section, body, words)"
    " select $1, documents.id, $3, $4,"
    "  setweight(to_tsvector('english', heading), 'A') || to_tsvector('english', $3 || ' ' || $4)"
    " from documents where documents.id = $2";

constexpr auto search_sql =
    "select id, ts_rank('{0.1, 0.1, 0.1, 0.4}', words, query, 1) as score"
    " from passages, to_tsquery('english', $1) as query"
    " where words @@ query order by score desc, id limit $2";

constexpr auto one_passage_sql =
    "select passages.id, page, section, body"
    " from passages join documents on documents.id = document_id where passages.id = $1";

constexpr auto sections_sql =
    "select section from passages"
    " where document_id = (select document_id from passages where id = $1)"
    " group by section order by min(id)";

constexpr auto passages_sql =
    "select passages.id, page, section, body"
    " from passages join documents on documents.id = document_id"
    " where passages.id = any($1::bigint[])";

std::unique_ptr<postgres::connection> connect(querytap::recorder& recorder,
                                              const std::string& connection_string,
                                              const store_options& options) {
  auto db = std::make_unique<postgres::connection>(
      recorder, connection_string, postgres::connection_options{.slow_threshold = options.slow});
  // Otherwise the server reports a notice for every existing table and every query of stop words.
  postgres::nontransaction{*db}.exec("set client_min_messages to warning");

  db->prepare("add_document", "insert into documents(id, page, heading) values ($1, $2, $3)");
  db->prepare("add_passage", add_passage_sql);
  db->prepare("add_vector",
              "insert into embeddings(passage_id, vector) values ($1, decode($2, 'hex'))");
  db->prepare("vectors",
              "select passage_id, encode(vector, 'hex') from embeddings"
              " where passage_id > $1 order by passage_id limit $2");
  db->prepare("search", search_sql);
  db->prepare("passages", passages_sql);
  db->prepare("one_passage", one_passage_sql);
  db->prepare("sections", sections_sql);
  db->prepare("last_messages",
              "select speaker, body from messages where conversation_id = $1"
              " order by id desc limit $2");
  db->prepare("add_conversation", "insert into conversations default values returning id");
  db->prepare("add_message",
              "insert into messages(conversation_id, speaker, body) values ($1, $2, $3)");
  return db;
}

/// Each word is quoted: to_tsquery never reads the input as its query language.
std::string tsquery_of(std::span<const std::string> words) {
  return fmt::format("'{}'", fmt::join(words, "' | '"));
}

void insert_documents(postgres::work& change, std::span<const document_to_store> documents) {
  std::int64_t document = 0;
  passage_id passage = 0;
  for (const auto& source : documents) {
    change.exec_prepared("add_document", ++document, source.page, source.heading);
    for (const auto& part : source.passages) {
      change.exec_prepared("add_passage", ++passage, document, part.section, part.body);
      change.exec_prepared("add_vector", passage, hex_of(part.vector));
    }
  }
}

class postgres_store final : public store {
 public:
  postgres_store(querytap::recorder& recorder, const std::string& connection_string,
                 const store_options& options)
      : mistakes_{options.mistakes},
        connections_{recorder,
                     {.name = "chatbot", .minimum = 1, .maximum = most_connections},
                     [&recorder, connection_string, options] {
                       return connect(recorder, connection_string, options);
                     },
                     [](postgres::connection& db) { return db.native().is_open(); }} {}

  std::string corpus_fingerprint() override {
    const auto db = connections_.acquire();
    const auto rows = postgres::nontransaction{*db}.exec("select fingerprint from corpus");
    return rows.empty() ? std::string{} : rows[0][0].as<std::string>();
  }

  void replace_corpus(std::span<const document_to_store> documents,
                      std::string_view fingerprint) override {
    const auto db = connections_.acquire();
    postgres::work change{*db};
    for (const auto table : {"corpus", "embeddings", "passages", "documents"}) {
      change.exec(fmt::format("delete from {}", table));
    }
    insert_documents(change, documents);
    change.exec_params("insert into corpus(fingerprint) values ($1)", std::string{fingerprint});
    change.exec("analyze documents, passages, embeddings");
    change.commit();
  }

  void for_each_vector(const visit_vector& visit) override {
    constexpr int batch = 1000;  // libpqxx stores a whole result in memory
    const auto db = connections_.acquire();
    postgres::nontransaction query{*db};
    passage_id last = 0;
    for (auto rows = query.exec_prepared("vectors", last, batch); !rows.empty();
         rows = query.exec_prepared("vectors", last, batch)) {
      for (const auto& row : rows) {
        last = row[0].as<passage_id>();
        visit(last, vector_from_hex(row[1].c_str()));
      }
    }
  }

  ranking search_words(std::span<const std::string> words, std::size_t limit) override {
    const auto db = connections_.acquire();
    ranking found;
    for (const auto& row :
         postgres::nontransaction{*db}.exec_prepared("search", tsquery_of(words), limit)) {
      found.push_back({row[0].as<passage_id>(), row[1].as<double>()});
    }
    return found;
  }

  std::vector<stored_passage> passages(std::span<const passage_id> ids) override {
    const auto db = connections_.acquire();
    postgres::nontransaction query{*db};
    if (mistakes_.n_plus_one) return one_by_one(query, ids);
    const auto list = fmt::format("{{{}}}", fmt::join(ids, ","));
    std::vector<stored_passage> found;
    for (const auto& row : query.exec_prepared("passages", list)) {
      found.push_back(passage_of(row));
    }
    return found;
  }

  std::vector<std::string> sections_beside(passage_id passage) override {
    const auto db = connections_.acquire();
    std::vector<std::string> sections;
    for (const auto& row : postgres::nontransaction{*db}.exec_prepared("sections", passage)) {
      sections.push_back(row[0].as<std::string>());
    }
    return sections;
  }

  std::vector<message> last_messages(conversation_id conversation, std::size_t limit) override {
    const auto db = connections_.acquire();
    std::vector<message> messages;
    for (const auto& row :
         postgres::nontransaction{*db}.exec_prepared("last_messages", conversation, limit)) {
      messages.push_back({speaker_named(row[0].c_str()), row[1].as<std::string>()});
    }
    std::reverse(messages.begin(), messages.end());
    return messages;
  }

  conversation_id add_exchange(std::optional<conversation_id> conversation,
                               std::string_view question, std::string_view answer) override {
    const auto db = connections_.acquire();
    postgres::work change{*db};
    if (!conversation) {
      conversation = change.exec_prepared("add_conversation")[0][0].as<conversation_id>();
    }
    const auto say = [&](speaker author, std::string_view body) {
      change.exec_prepared("add_message", *conversation, std::string{to_string(author)},
                           std::string{body});
    };
    say(speaker::user, question);
    say(speaker::assistant, answer);
    change.commit();
    return *conversation;
  }

 private:
  template <class Row>
  static stored_passage passage_of(const Row& row) {
    return {row[0].template as<passage_id>(), row[1].template as<std::string>(),
            row[2].template as<std::string>(), row[3].template as<std::string>()};
  }

  // The queries of a loop over objects that load themselves.
  static std::vector<stored_passage> one_by_one(postgres::nontransaction& query,
                                                std::span<const passage_id> ids) {
    std::vector<stored_passage> found;
    for (const passage_id id : ids) {
      for (const auto& row : query.exec_prepared("one_passage", id)) {
        found.push_back(passage_of(row));
      }
    }
    return found;
  }

  const plants mistakes_;
  querytap::pool<postgres::connection> connections_;
};

}  // namespace

std::unique_ptr<store> open_postgres_store(querytap::recorder& recorder,
                                           const std::string& connection_string,
                                           const store_options& options) {
  const auto db = connect(recorder, connection_string, options);
  postgres::work change{*db};
  for (const auto statement : postgres_schema) change.exec(statement);
  if (options.mistakes.missing_index) change.exec("drop index passages_by_document");
  change.commit();
  return std::make_unique<postgres_store>(recorder, connection_string, options);
}

std::shared_ptr<querytap::server_inspector> postgres_store_plans(
    const std::string& connection_string) {
  return std::make_shared<querytap::postgres_inspector>(connection_string);
}

}  // namespace rag_chatbot
