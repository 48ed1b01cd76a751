#include <rag_chatbot/store/sqlite_store.hpp>

#include <querytap/decorators/sqlite.hpp>
#include <querytap/policies/pool.hpp>

#include <rag_chatbot/store/vector_bytes.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace rag_chatbot {
namespace {

namespace sqlite = querytap::sqlite;

constexpr auto sqlite_schema = R"(
  create table if not exists corpus(
    fingerprint text not null);
  create table if not exists documents(
    id integer primary key,
    page text not null unique,
    heading text not null);
  create table if not exists passages(
    id integer primary key,
    document_id integer not null references documents(id),
    section text not null,
    body text not null);
  create index if not exists passages_by_document on passages(document_id);
  create table if not exists embeddings(
    passage_id integer primary key references passages(id),
    vector blob not null);
  create view if not exists passage_texts as
    select passages.id, heading, section, body
    from passages join documents on documents.id = document_id;
  create virtual table if not exists passage_words using fts5(
    heading, section, body, content='passage_texts', content_rowid='id', tokenize='porter');
  create table if not exists conversations(
    id integer primary key,
    begun_at text not null default current_timestamp);
  create table if not exists messages(
    id integer primary key,
    conversation_id integer not null references conversations(id),
    speaker text not null check (speaker in ('user', 'assistant')),
    body text not null,
    said_at text not null default current_timestamp);
  create index if not exists messages_by_conversation on messages(conversation_id))";

sqlite::connection connect(querytap::recorder& recorder, const std::filesystem::path& file,
                           const store_options& options) {
  sqlite::connection db{recorder, file.string(), {.slow_threshold = options.slow}};
  db.exec("pragma foreign_keys = on");
  db.exec("pragma journal_mode = wal");  // readers and the one writer do not wait for each other
  db.exec("pragma synchronous = normal");
  return db;
}

/// A connection and the statements that a chat needs, compiled once.
struct session {
  session(querytap::recorder& recorder, const std::filesystem::path& file,
          const store_options& options)
      : db{connect(recorder, file, options)} {}

  // The heading names the subject of the whole page, so it weighs more than a word of the text.
  sqlite::connection db;
  sqlite::statement search = db.prepare(
      "select rowid, -bm25(passage_words, 4.0, 1.0, 1.0) as score from passage_words"
      " where passage_words match ?1 order by score desc, rowid limit ?2");
  sqlite::statement passages = db.prepare(
      "select passages.id, page, section, body"
      " from passages join documents on documents.id = document_id"
      " where passages.id in (select value from json_each(?1))");
  sqlite::statement one_passage = db.prepare(
      "select passages.id, page, section, body"
      " from passages join documents on documents.id = document_id where passages.id = ?1");
  sqlite::statement sections = db.prepare(
      "select section from passages"
      " where document_id = (select document_id from passages where id = ?1)"
      " group by section order by min(id)");
  sqlite::statement last_messages = db.prepare(
      "select speaker, body from messages where conversation_id = ?1 order by id desc limit ?2");
  sqlite::statement add_conversation = db.prepare("insert into conversations default values");
  sqlite::statement add_message =
      db.prepare("insert into messages(conversation_id, speaker, body) values (?1, ?2, ?3)");
};

/// Each word is quoted: FTS5 never reads the input as its query language.
std::string fts5_query_of(std::span<const std::string> words) {
  return fmt::format("\"{}\"", fmt::join(words, "\" OR \""));
}

void insert_documents(sqlite::connection& db, std::span<const document_to_store> documents) {
  auto add_document = db.prepare("insert into documents(id, page, heading) values (?1, ?2, ?3)");
  auto add_passage =
      db.prepare("insert into passages(id, document_id, section, body) values (?1, ?2, ?3, ?4)");
  auto add_vector = db.prepare("insert into embeddings(passage_id, vector) values (?1, ?2)");

  std::int64_t document = 0;
  passage_id passage = 0;
  for (const auto& source : documents) {
    add_document.run(++document, source.page, source.heading);
    for (const auto& part : source.passages) {
      add_passage.run(++passage, document, part.section, part.body);
      add_vector.run(passage, bytes_of(part.vector));
    }
  }
}

class sqlite_store final : public store {
 public:
  sqlite_store(querytap::recorder& recorder, const std::filesystem::path& file,
               const store_options& options)
      : mistakes_{options.mistakes},
        sessions_{recorder,
                  {.name = "chatbot", .minimum = 1, .maximum = most_connections},
                  [&recorder, file, options] {
                    return std::make_unique<session>(recorder, file, options);
                  }} {}

  std::string corpus_fingerprint() override {
    const auto lease = sessions_.acquire();
    auto query = lease->db.prepare("select fingerprint from corpus");
    return query.step() ? query.column<std::string>(0) : std::string{};
  }

  void replace_corpus(std::span<const document_to_store> documents,
                      std::string_view fingerprint) override {
    const auto lease = sessions_.acquire();
    sqlite::connection& db = lease->db;
    sqlite::transaction change{db, sqlite::transaction::locking::immediate};
    db.exec(
        "delete from corpus; delete from embeddings; delete from passages;"
        "delete from documents");
    insert_documents(db, documents);
    db.exec("insert into passage_words(passage_words) values ('rebuild')");
    db.prepare("insert into corpus(fingerprint) values (?1)").run(fingerprint);
    change.commit();
  }

  void for_each_vector(const visit_vector& visit) override {
    const auto lease = sessions_.acquire();
    auto query = lease->db.prepare("select passage_id, vector from embeddings order by passage_id");
    while (query.step()) {
      visit(query.column<passage_id>(0), vector_from(query.column<std::span<const std::byte>>(1)));
    }
  }

  ranking search_words(std::span<const std::string> words, std::size_t limit) override {
    const auto lease = sessions_.acquire();
    ranking found;
    for (lease->search.bind(fts5_query_of(words), limit); lease->search.step();) {
      found.push_back({lease->search.column<passage_id>(0), lease->search.column<double>(1)});
    }
    return found;
  }

  std::vector<stored_passage> passages(std::span<const passage_id> ids) override {
    const auto lease = sessions_.acquire();
    if (mistakes_.n_plus_one) return one_by_one(lease->one_passage, ids);
    auto& query = lease->passages;
    std::vector<stored_passage> found;
    for (query.bind(fmt::format("[{}]", fmt::join(ids, ","))); query.step();) {
      found.push_back(passage_of(query));
    }
    return found;
  }

  std::vector<std::string> sections_beside(passage_id passage) override {
    const auto lease = sessions_.acquire();
    std::vector<std::string> sections;
    for (lease->sections.bind(passage); lease->sections.step();) {
      sections.push_back(lease->sections.column<std::string>(0));
    }
    return sections;
  }

  std::vector<message> last_messages(conversation_id conversation, std::size_t limit) override {
    const auto lease = sessions_.acquire();
    auto& query = lease->last_messages;
    std::vector<message> messages;
    for (query.bind(conversation, limit); query.step();) {
      messages.push_back(
          {speaker_named(query.column<std::string_view>(0)), query.column<std::string>(1)});
    }
    std::reverse(messages.begin(), messages.end());
    return messages;
  }

  conversation_id add_exchange(std::optional<conversation_id> conversation,
                               std::string_view question, std::string_view answer) override {
    const auto lease = sessions_.acquire();
    // Immediate: a transaction that began by reading could not write after another one had written.
    sqlite::transaction change{lease->db, sqlite::transaction::locking::immediate};
    if (!conversation) {
      lease->add_conversation.run();
      conversation = lease->db.last_insert_rowid();
    }
    lease->add_message.run(*conversation, to_string(speaker::user), question);
    lease->add_message.run(*conversation, to_string(speaker::assistant), answer);
    change.commit();
    return *conversation;
  }

 private:
  static stored_passage passage_of(const sqlite::statement& row) {
    return {row.column<passage_id>(0), row.column<std::string>(1), row.column<std::string>(2),
            row.column<std::string>(3)};
  }

  // The queries of a loop over objects that load themselves.
  static std::vector<stored_passage> one_by_one(sqlite::statement& query,
                                                std::span<const passage_id> ids) {
    std::vector<stored_passage> found;
    for (const passage_id id : ids) {
      for (query.bind(id); query.step();) found.push_back(passage_of(query));
    }
    return found;
  }

  const plants mistakes_;
  querytap::pool<session> sessions_;
};

}  // namespace

std::unique_ptr<store> open_sqlite_store(querytap::recorder& recorder,
                                         const std::filesystem::path& file,
                                         const store_options& options) {
  auto db = connect(recorder, file, options);
  db.exec(sqlite_schema);
  if (options.mistakes.missing_index) db.exec("drop index passages_by_document");
  return std::make_unique<sqlite_store>(recorder, file, options);
}

}  // namespace rag_chatbot
