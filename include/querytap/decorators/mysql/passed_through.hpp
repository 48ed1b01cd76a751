#pragma once

#include <querytap/decorators/mysql/connection.hpp>

#include <cstddef>

/// The functions of the C API that talk to no server, or set what the next call does: passed
/// through, and not timed.
///
///     mysql_options(&db, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
///     mysql_num_rows(rows);
///
/// Source   mariadb.com/kb/en/mariadb-connector-c
namespace querytap::mysql {

inline unsigned int mysql_field_count(connection* db) noexcept {
  return ::mysql_field_count(db->native());
}
inline my_bool mysql_more_results(connection* db) noexcept {
  return ::mysql_more_results(db->native());
}
inline unsigned long long mysql_affected_rows(connection* db) noexcept {
  return ::mysql_affected_rows(db->native());
}
inline unsigned long long mysql_insert_id(connection* db) noexcept {
  return ::mysql_insert_id(db->native());
}
inline unsigned int mysql_errno(connection* db) noexcept { return ::mysql_errno(db->native()); }
inline const char* mysql_error(connection* db) noexcept { return ::mysql_error(db->native()); }
inline const char* mysql_sqlstate(connection* db) noexcept {
  return ::mysql_sqlstate(db->native());
}
inline const char* mysql_info(connection* db) noexcept { return ::mysql_info(db->native()); }
inline unsigned int mysql_warning_count(connection* db) noexcept {
  return ::mysql_warning_count(db->native());
}
inline unsigned long mysql_thread_id(connection* db) noexcept {
  return ::mysql_thread_id(db->native());
}
inline const char* mysql_character_set_name(connection* db) noexcept {
  return ::mysql_character_set_name(db->native());
}
inline void mysql_get_character_set_info(connection* db, MY_CHARSET_INFO* info) noexcept {
  return ::mysql_get_character_set_info(db->native(), info);
}
inline my_bool mariadb_get_info(connection* db, mariadb_value value, void* into) noexcept {
  return ::mariadb_get_info(db->native(), value, into);
}
inline int mysql_ssl_set(connection* db, const char* key, const char* certificate,
                         const char* authority, const char* authorities,
                         const char* ciphers) noexcept {
  return ::mysql_ssl_set(db->native(), key, certificate, authority, authorities, ciphers);
}
inline const char* mysql_get_ssl_cipher(connection* db) noexcept {
  return ::mysql_get_ssl_cipher(db->native());
}
inline int mysql_options(connection* db, mysql_option option, const void* value) noexcept {
  return ::mysql_options(db->native(), option, value);
}
inline int mysql_options4(connection* db, mysql_option option, const void* name,
                          const void* value) noexcept {
  return ::mysql_options4(db->native(), option, name, value);
}
inline int mysql_get_option(connection* db, mysql_option option, void* into) noexcept {
  return ::mysql_get_option(db->native(), option, into);
}
inline unsigned long mysql_real_escape_string(connection* db, char* into, const char* text,
                                              unsigned long size) noexcept {
  return ::mysql_real_escape_string(db->native(), into, text, size);
}
inline char* mysql_get_server_info(connection* db) noexcept {
  return ::mysql_get_server_info(db->native());
}
inline unsigned long mysql_get_server_version(connection* db) noexcept {
  return ::mysql_get_server_version(db->native());
}
inline const char* mysql_get_server_name(connection* db) noexcept {
  return ::mysql_get_server_name(db->native());
}
inline char* mysql_get_host_info(connection* db) noexcept {
  return ::mysql_get_host_info(db->native());
}
inline unsigned int mysql_get_proto_info(connection* db) noexcept {
  return ::mysql_get_proto_info(db->native());
}
inline my_bool mariadb_connection(connection* db) noexcept {
  return ::mariadb_connection(db->native());
}
inline my_socket mysql_get_socket(connection* db) noexcept {
  return ::mysql_get_socket(db->native());
}
inline unsigned int mysql_get_timeout_value(connection* db) noexcept {
  return ::mysql_get_timeout_value(db->native());
}
inline unsigned int mysql_get_timeout_value_ms(connection* db) noexcept {
  return ::mysql_get_timeout_value_ms(db->native());
}
inline int mariadb_cancel(connection* db) noexcept { return ::mariadb_cancel(db->native()); }
inline int mysql_session_track_get_first(connection* db, enum_session_state_type type,
                                         const char** data, std::size_t* size) noexcept {
  return ::mysql_session_track_get_first(db->native(), type, data, size);
}
inline int mysql_session_track_get_next(connection* db, enum_session_state_type type,
                                        const char** data, std::size_t* size) noexcept {
  return ::mysql_session_track_get_next(db->native(), type, data, size);
}
inline void mysql_set_local_infile_default(connection* db) noexcept {
  return ::mysql_set_local_infile_default(db->native());
}

inline unsigned long long mysql_num_rows(result* result) noexcept {
  return ::mysql_num_rows(native(result));
}
inline unsigned int mysql_num_fields(result* result) noexcept {
  return ::mysql_num_fields(native(result));
}
inline my_bool mysql_eof(result* result) noexcept { return ::mysql_eof(native(result)); }
inline MYSQL_FIELD* mysql_fetch_field(result* result) noexcept {
  return ::mysql_fetch_field(native(result));
}
inline MYSQL_FIELD* mysql_fetch_fields(result* result) noexcept {
  return ::mysql_fetch_fields(native(result));
}
inline MYSQL_FIELD* mysql_fetch_field_direct(result* result, unsigned field) noexcept {
  return ::mysql_fetch_field_direct(native(result), field);
}
inline unsigned long* mysql_fetch_lengths(result* result) noexcept {
  return ::mysql_fetch_lengths(native(result));
}
inline MYSQL_ROWS* mysql_row_tell(result* result) noexcept {
  return ::mysql_row_tell(native(result));
}
inline MYSQL_ROW_OFFSET mysql_row_seek(result* result, MYSQL_ROW_OFFSET offset) noexcept {
  return ::mysql_row_seek(native(result), offset);
}
inline unsigned int mysql_field_tell(result* result) noexcept {
  return ::mysql_field_tell(native(result));
}
inline MYSQL_FIELD_OFFSET mysql_field_seek(result* result, MYSQL_FIELD_OFFSET offset) noexcept {
  return ::mysql_field_seek(native(result), offset);
}
inline void mysql_data_seek(result* result, unsigned long long row) noexcept {
  return ::mysql_data_seek(native(result), row);
}

inline unsigned int mysql_stmt_errno(statement* statement) noexcept {
  return ::mysql_stmt_errno(native(statement));
}
inline const char* mysql_stmt_error(statement* statement) noexcept {
  return ::mysql_stmt_error(native(statement));
}
inline const char* mysql_stmt_sqlstate(statement* statement) noexcept {
  return ::mysql_stmt_sqlstate(native(statement));
}
inline int mysql_stmt_warning_count(statement* statement) noexcept {
  return ::mysql_stmt_warning_count(native(statement));
}
inline unsigned long mysql_stmt_param_count(statement* statement) noexcept {
  return ::mysql_stmt_param_count(native(statement));
}
inline unsigned int mysql_stmt_field_count(statement* statement) noexcept {
  return ::mysql_stmt_field_count(native(statement));
}
inline unsigned long long mysql_stmt_num_rows(statement* statement) noexcept {
  return ::mysql_stmt_num_rows(native(statement));
}
inline unsigned long long mysql_stmt_affected_rows(statement* statement) noexcept {
  return ::mysql_stmt_affected_rows(native(statement));
}
inline unsigned long long mysql_stmt_insert_id(statement* statement) noexcept {
  return ::mysql_stmt_insert_id(native(statement));
}
inline my_bool mysql_stmt_more_results(statement* statement) noexcept {
  return ::mysql_stmt_more_results(native(statement));
}
inline my_bool mysql_stmt_attr_set(statement* statement, enum_stmt_attr_type type,
                                   const void* value) noexcept {
  return ::mysql_stmt_attr_set(native(statement), type, value);
}
inline my_bool mysql_stmt_attr_get(statement* statement, enum_stmt_attr_type type,
                                   void* into) noexcept {
  return ::mysql_stmt_attr_get(native(statement), type, into);
}
inline my_bool mysql_stmt_bind_param(statement* statement, MYSQL_BIND* values) noexcept {
  return ::mysql_stmt_bind_param(native(statement), values);
}
inline my_bool mysql_stmt_bind_result(statement* statement, MYSQL_BIND* buffers) noexcept {
  return ::mysql_stmt_bind_result(native(statement), buffers);
}
inline int mysql_stmt_fetch_column(statement* statement, MYSQL_BIND* buffer, unsigned column,
                                   unsigned long offset) noexcept {
  return ::mysql_stmt_fetch_column(native(statement), buffer, column, offset);
}
inline MYSQL_ROW_OFFSET mysql_stmt_row_tell(statement* statement) noexcept {
  return ::mysql_stmt_row_tell(native(statement));
}
inline MYSQL_ROW_OFFSET mysql_stmt_row_seek(statement* statement,
                                            MYSQL_ROW_OFFSET offset) noexcept {
  return ::mysql_stmt_row_seek(native(statement), offset);
}
inline void mysql_stmt_data_seek(statement* statement, unsigned long long row) noexcept {
  return ::mysql_stmt_data_seek(native(statement), row);
}
inline MYSQL_FIELD* mariadb_stmt_fetch_fields(statement* statement) noexcept {
  return ::mariadb_stmt_fetch_fields(native(statement));
}
/// Of its names and types, to be freed with mysql_free_result(); null without one.
[[nodiscard]] result* mysql_stmt_result_metadata(statement* statement) noexcept;
[[nodiscard]] result* mysql_stmt_param_metadata(statement* statement) noexcept;

template <class... Values>
int mysql_optionsv(connection* db, mysql_option option, Values... values) noexcept {
  return ::mysql_optionsv(db->native(), option, values...);
}
template <class... Values>
int mysql_get_optionv(connection* db, mysql_option option, void* into, Values... values) noexcept {
  return ::mysql_get_optionv(db->native(), option, into, values...);
}
template <class... Values>
my_bool mariadb_get_infov(connection* db, mariadb_value value, void* into,
                          Values... values) noexcept {
  return ::mariadb_get_infov(db->native(), value, into, values...);
}

inline void mysql_set_local_infile_handler(connection* db,
                                           int (*begin)(void** state, const char* file, void* data),
                                           int (*read)(void* state, char* into, unsigned size),
                                           void (*end)(void* state),
                                           int (*fail)(void* state, char* into, unsigned size),
                                           void* data) noexcept {
  ::mysql_set_local_infile_handler(db->native(), begin, read, end, fail, data);
}

}  // namespace querytap::mysql
