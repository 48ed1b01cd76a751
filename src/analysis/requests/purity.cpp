#include "purity.hpp"

#include "../../query/text/characters.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace querytap::detail {
namespace {

// A name in lower case with a blank before and after; empty where it is longer than any in the lists.
std::string padded_lower(std::string_view name) {
  constexpr std::size_t longest = 40;
  if (name.size() > longest) return {};
  std::string padded{' '};
  std::ranges::transform(name, std::back_inserter(padded), ascii_lower);
  return padded + ' ';
}

bool is_listed(const std::string& padded, std::string_view list) noexcept {
  return !padded.empty() && list.find(padded) != list.npos;
}

bool begins_with_any(const std::string& padded, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes,
                             [&](std::string_view prefix) { return padded.starts_with(prefix); });
}

constexpr std::string_view aggregates =
    " any_value array_agg avg bit_and bit_or bool_and bool_or corr count every group_concat "
    "json_agg json_arrayagg json_group_array json_group_object json_object_agg json_objectagg "
    "jsonb_agg jsonb_object_agg max median min mode percentile_cont percentile_disc stddev "
    "stddev_pop stddev_samp string_agg sum total var_pop var_samp variance ";

constexpr std::string_view pure_functions =
    " abs acos adddate addtime array array_append array_cat array_length array_lower "
    "array_position array_positions array_prepend array_remove array_replace array_to_json "
    "array_to_string array_upper ascii asin atan atan2 bin bit_count bit_length bm25 btrim "
    "cardinality cast cbrt ceil ceiling char char_length character_length chr coalesce collate "
    "concat concat_ws conv convert convert_from convert_to convert_tz cos cosine_distance cot "
    "crc32 cume_dist date_add date_bin date_format date_part date_sub date_trunc datediff day "
    "dayname dayofmonth dayofweek dayofyear decode degrees dense_rank difference digest div elt "
    "encode exp export_set extract extractvalue factorial field find_in_set first_value floor "
    "format format_type from_days from_unixtime generate_series generate_subscripts "
    "get_byte glob greatest grouping hex highlight hmac host hour if ifnull iif inet_aton "
    "inet_ntoa initcap inner_product insert instr interval isnull json json_array "
    "json_array_elements json_array_elements_text json_array_length json_build_array "
    "json_build_object json_contains json_contains_path json_depth json_each json_each_text "
    "json_extract json_extract_path json_extract_path_text json_insert json_keys json_length "
    "json_object json_object_keys json_overlaps json_patch json_populate_record json_quote "
    "json_remove json_replace json_search json_set json_strip_nulls json_table json_to_record "
    "json_to_recordset json_tree json_type json_typeof json_unquote json_valid json_value jsonb "
    "jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array "
    "jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text "
    "jsonb_insert jsonb_object jsonb_object_keys jsonb_path_exists jsonb_path_query "
    "jsonb_path_query_array jsonb_path_query_first jsonb_populate_record jsonb_pretty jsonb_set "
    "jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof justify_days "
    "justify_hours justify_interval l1_distance l2_distance lag last_day last_value lcase lead "
    "least left length levenshtein like likelihood likely ln locate log log10 log2 lower lpad "
    "ltrim make_date make_interval make_time make_timestamp make_timestamptz makedate maketime "
    "match md5 mid minute mod month monthname nth_value ntile nullif numnode oct octet_length ord "
    "overlay percent_rank period_add period_diff pg_column_size pg_get_constraintdef pg_get_expr "
    "pg_get_indexdef pg_get_viewdef pg_size_bytes pg_size_pretty pg_typeof phraseto_tsquery pi "
    "plainto_tsquery position pow power printf quarter quote quote_ident quote_literal "
    "quote_nullable radians rank regexp_count regexp_instr regexp_like regexp_match "
    "regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr "
    "repeat replace reverse right round row row_number row_to_json rpad rtrim sec_to_time second "
    "set_masklen setweight sha sha1 sha2 sha224 sha256 sha384 sha512 sign similarity sin "
    "snippet soundex space split_part sqrt starts_with str_to_date strcmp string_to_array "
    "string_to_table strip strpos subdate substr substring substring_index subtime tan "
    "time_format time_to_sec timestampadd timestampdiff to_ascii to_base64 to_char to_date "
    "to_days to_hex to_json to_jsonb to_number to_seconds to_timestamp to_tsquery to_tsvector "
    "translate trim trim_array trunc truncate ts_headline ts_rank ts_rank_cd tsvector_to_array "
    "typeof ucase unaccent unhex unicode unlikely unnest upper values vector_dims vector_norm "
    "vec_distance_cosine vec_distance_l2 websearch_to_tsquery week weekday weekofyear "
    "weight_string "
    "width_bucket word_similarity xmlagg xpath year yearweek zeroblob ";

constexpr std::string_view functions_of_moment =
    " age connection_id curdate current_catalog current_database current_date current_role "
    "current_schema current_schemas current_setting current_time current_timestamp current_user "
    "curtime database getdate getutcdate has_table_privilege localtime localtimestamp now schema "
    "session_user statement_timestamp sysdatetime system_user transaction_timestamp "
    "unix_timestamp user utc_date utc_time utc_timestamp version ";

// In SQLite they take 'now' as an argument, which a sanitised text does not show.
constexpr std::string_view sqlite_times =
    " date datetime julianday strftime time timediff unixepoch ";
constexpr std::string_view other_times = " date datetime time timestamp timediff ";

constexpr std::string_view impure_functions =
    " benchmark changes clock_timestamp currval eval found_rows gen_random_bytes gen_random_uuid "
    "gen_salt get_lock identity is_free_lock is_used_lock last_insert_id last_insert_rowid lastval "
    "load_extension load_file master_pos_wait newid newsequentialid nextval notify rand "
    "rand_bytes random random_bytes random_normal randomblob readfile release_all_locks "
    "release_lock row_count scope_identity set_config setseed setval sleep "
    "source_pos_wait sysdate timeofday total_changes uuid uuid_short uuid_to_bin writefile ";

// Not among them are functions that only draw a value.
constexpr std::string_view functions_that_change_reads =
    " eval get_lock load_extension master_pos_wait release_all_locks release_lock set_config "
    "setval sleep source_pos_wait ";

constexpr std::string_view generated_values =
    " currval identity last_insert_id last_insert_rowid lastval scope_identity ";

constexpr std::string_view words_of_moment =
    " current_catalog current_date current_role current_time current_timestamp current_user "
    "localtime localtimestamp session_user ";

constexpr std::string_view impure_words = " currval lastval nextval rownum sysdate tablesample ";

}  // namespace

effect effect_of_function(std::string_view name, dialect dialect) noexcept {
  const std::string padded = padded_lower(name);
  if (is_listed(padded, pure_functions) || is_listed(padded, aggregates)) return effect::pure;
  if (is_listed(padded, impure_functions)) return effect::impure;
  if (is_listed(padded, functions_of_moment)) return effect::moment;
  if (is_listed(padded, sqlite_times) && dialect == dialect::sqlite) return effect::moment;
  if (is_listed(padded, other_times)) return effect::pure;
  if (begins_with_any(padded, {" st_", " json_", " jsonb_", " array_"})) return effect::pure;
  if (begins_with_any(padded, {" pg_", " txid_", " lo_", " dblink", " uuid_generate", " uuidv"})) {
    return effect::impure;
  }
  return effect::unknown;
}

bool changes_later_reads(std::string_view name) noexcept {
  const std::string padded = padded_lower(name);
  return is_listed(padded, functions_that_change_reads) ||
         begins_with_any(padded, {" dblink", " lo_", " pg_advisory", " pg_sleep",
                                  " pg_try_advisory", " pg_wal_replay"});
}

effect effect_of_word(std::string_view word) noexcept {
  const std::string padded = padded_lower(word);
  if (is_listed(padded, words_of_moment)) return effect::moment;
  return is_listed(padded, impure_words) ? effect::impure : effect::pure;
}

bool is_view_of_server(std::string_view table) noexcept {
  const std::string padded = padded_lower(table);
  if (padded.empty()) return false;
  std::string_view rest = std::string_view{padded}.substr(1);
  if (rest.starts_with("information_schema.processlist") ||
      rest.starts_with("performance_schema.") || rest.starts_with("sys.")) {
    return true;
  }
  if (rest.starts_with("pg_catalog.")) rest.remove_prefix(std::string_view{"pg_catalog."}.size());
  return rest.starts_with("pg_stat") || rest == "pg_locks " || rest == "pg_cursors " ||
         rest.starts_with("pg_prepared_") || rest.starts_with("pg_replication") ||
         rest == "pg_settings " || rest == "pg_backend_memory_contexts ";
}

bool gives_generated_value(std::string_view name) noexcept {
  return is_listed(padded_lower(name), generated_values);
}

bool is_aggregate_function(std::string_view name) noexcept {
  return is_listed(padded_lower(name), aggregates);
}

}  // namespace querytap::detail
