#include "pg_query.hpp"

#include <pg_query.h>

#include <string_view>

namespace querytap::testing::pg_query {
namespace {

/// Reads the parts of protobuf's wire format that a scan result consists of.
class message {
 public:
  explicit message(std::string_view bytes) noexcept : bytes_{bytes} {}

  /// The number of the next field, 0 at the end; the value is in `number` or `body`.
  std::uint64_t next() {
    if (bytes_.empty()) return 0;
    const std::uint64_t tag = varint();
    number = varint();
    if ((tag & 7) == 2) {
      body = bytes_.substr(0, number);
      bytes_.remove_prefix(number);
    }
    return tag >> 3;
  }

  std::uint64_t number = 0;
  std::string_view body;

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
  }

  std::string_view bytes_;
};

literal literal_of(std::uint64_t token_number) {
  switch (token_number) {  // of enum Token in pg_query.proto
    case 260: return literal::fraction;
    case 261: return literal::string;
    case 262: return literal::unicode_string;
    case 263:
    case 264: return literal::bits;
    case 266: return literal::whole;
    case 267: return literal::parameter;
    default: return literal::none;
  }
}

token token_of(std::string_view bytes) {
  token read;
  message fields{bytes};
  while (const std::uint64_t field = fields.next()) {
    if (field == 1) read.begin = fields.number;
    if (field == 2) read.end = fields.number;
    if (field == 4) read.kind = literal_of(fields.number);
  }
  return read;
}

}  // namespace

std::vector<token> scan(const std::string& sql) {
  std::vector<token> tokens;
  const PgQueryScanResult result = pg_query_scan(sql.c_str());
  if (result.error == nullptr) {
    message fields{{result.pbuf.data, result.pbuf.len}};
    while (const std::uint64_t field = fields.next()) {
      if (field == 2) tokens.push_back(token_of(fields.body));
    }
  }
  pg_query_free_scan_result(result);
  return tokens;
}

std::vector<std::string> split(const std::string& script) {
  std::vector<std::string> statements;
  const PgQuerySplitResult result = pg_query_split_with_parser(script.c_str());
  if (result.error == nullptr) {
    for (int i = 0; i < result.n_stmts; ++i) {
      const PgQuerySplitStmt& part = *result.stmts[i];
      statements.push_back(script.substr(static_cast<std::size_t>(part.stmt_location),
                                         static_cast<std::size_t>(part.stmt_len)));
    }
  }
  pg_query_free_split_result(result);
  return statements;
}

std::optional<std::uint64_t> fingerprint(const std::string& sql) {
  const PgQueryFingerprintResult result = pg_query_fingerprint(sql.c_str());
  std::optional<std::uint64_t> found;
  if (result.error == nullptr) found = result.fingerprint;
  pg_query_free_fingerprint_result(result);
  return found;
}

std::string respelled(const std::string& sql) {
  std::string text;
  const PgQueryProtobufParseResult parsed = pg_query_parse_protobuf(sql.c_str());
  if (parsed.error == nullptr) {
    const PgQueryDeparseResult result = pg_query_deparse_protobuf(parsed.parse_tree);
    if (result.error == nullptr) text = result.query;
    pg_query_free_deparse_result(result);
  }
  pg_query_free_protobuf_parse_result(parsed);
  return text;
}

}  // namespace querytap::testing::pg_query
