# What each component needs from outside, and the Debian package that brings it. Read by the build and,
# installed, by the package config: both look in the same way and complain in the same words.

# Sets `result` in the caller to the packages whose targets are not there:
#     querytap_missing_packages(missing fmt::fmt libfmt-dev SQLite::SQLite3 libsqlite3-dev)
function(querytap_missing_packages result)
  set(packages "")
  while(ARGN)
    list(POP_FRONT ARGN target package)
    if(NOT TARGET ${target})
      list(APPEND packages ${package})
    endif()
  endwhile()
  list(REMOVE_DUPLICATES packages)
  list(JOIN packages " " packages)
  set(${result} "${packages}" PARENT_SCOPE)
endfunction()

# Makes PkgConfig::<module>, for libraries that come without a CMake config.
function(querytap_find_by_pkg_config module)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(${module} QUIET IMPORTED_TARGET GLOBAL ${module})
  endif()
  # hiredis wants all that links it to be compiled with -D_FILE_OFFSET_BITS=64, though no header of it needs
  # that: it would be another program's choice, and make precompiled headers useless.
  if(TARGET PkgConfig::hiredis)
    set_target_properties(PkgConfig::hiredis PROPERTIES INTERFACE_COMPILE_OPTIONS "")
  endif()
endfunction()

# PkgConfig::libmongoc of 1.x, or of 2.x where there is no other.
function(querytap_find_libmongoc)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_search_module(libmongoc QUIET IMPORTED_TARGET GLOBAL libmongoc-1.0 mongoc2)
  endif()
endfunction()

# Debian's package comes without a CMake config.
function(querytap_find_libdeflate)
  find_path(QUERYTAP_LIBDEFLATE_INCLUDE_DIR libdeflate.h)
  find_library(QUERYTAP_LIBDEFLATE_LIBRARY deflate)
  mark_as_advanced(QUERYTAP_LIBDEFLATE_INCLUDE_DIR QUERYTAP_LIBDEFLATE_LIBRARY)
  if(TARGET querytap::libdeflate OR NOT QUERYTAP_LIBDEFLATE_INCLUDE_DIR
     OR NOT QUERYTAP_LIBDEFLATE_LIBRARY)
    return()
  endif()
  add_library(querytap::libdeflate UNKNOWN IMPORTED GLOBAL)
  set_target_properties(
    querytap::libdeflate PROPERTIES IMPORTED_LOCATION ${QUERYTAP_LIBDEFLATE_LIBRARY}
                                    INTERFACE_INCLUDE_DIRECTORIES ${QUERYTAP_LIBDEFLATE_INCLUDE_DIR})
endfunction()

# protozero is headers alone, and comes without a CMake config.
function(querytap_find_protozero)
  find_path(QUERYTAP_PROTOZERO_INCLUDE_DIR protozero/pbf_builder.hpp)
  mark_as_advanced(QUERYTAP_PROTOZERO_INCLUDE_DIR)
  if(TARGET querytap::protozero OR NOT QUERYTAP_PROTOZERO_INCLUDE_DIR)
    return()
  endif()
  add_library(querytap::protozero INTERFACE IMPORTED GLOBAL)
  set_target_properties(querytap::protozero PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
                                                       ${QUERYTAP_PROTOZERO_INCLUDE_DIR})
endfunction()

# The outside libraries: the target that a library is found as, and the Debian package that has it.
set(querytap_library_absl absl::flat_hash_map libabsl-dev)
set(querytap_library_curl CURL::libcurl libcurl4-openssl-dev)
set(querytap_library_fmt fmt::fmt libfmt-dev)
set(querytap_library_hiredis PkgConfig::hiredis libhiredis-dev)
set(querytap_library_libdeflate querytap::libdeflate libdeflate-dev)
set(querytap_library_libmariadb PkgConfig::libmariadb libmariadb-dev)
set(querytap_library_libmicrohttpd PkgConfig::libmicrohttpd libmicrohttpd-dev)
set(querytap_library_libmongoc PkgConfig::libmongoc libmongoc-dev)
set(querytap_library_libpq_library PkgConfig::libpq libpq-dev)
set(querytap_library_libpqxx PkgConfig::libpqxx libpqxx-dev)
set(querytap_library_nlohmann_json nlohmann_json::nlohmann_json nlohmann-json3-dev)
set(querytap_library_prometheus_cpp_library prometheus-cpp::core prometheus-cpp-dev)
set(querytap_library_protozero querytap::protozero libprotozero-dev)
set(querytap_library_sqlite3 SQLite::SQLite3 libsqlite3-dev)
set(querytap_library_yaml_cpp yaml-cpp libyaml-cpp-dev)
set(querytap_library_threads Threads::Threads libc6-dev)

# The libraries whose headers are included by headers of ours. What uses a shared library of ours needs only
# these.
set(querytap_libraries_in_headers curl hiredis libmariadb libmongoc libpq_library libpqxx prometheus_cpp_library sqlite3
                                  threads)

# The components: what each builds on, components and outside libraries.
set(querytap_parts_querytap absl fmt)
set(querytap_parts_sqlite querytap sqlite3)
set(querytap_parts_mysql querytap libmariadb)
set(querytap_parts_http querytap curl)
set(querytap_parts_redis querytap fmt hiredis)
set(querytap_parts_mongodb querytap libmongoc)
set(querytap_parts_postgres querytap fmt libpqxx libpq_library)
set(querytap_parts_libpq querytap libpq_library)
set(querytap_parts_prometheus querytap protozero)
set(querytap_parts_prometheus_cpp prometheus prometheus_cpp_library)
set(querytap_parts_json prometheus nlohmann_json)
set(querytap_parts_otlp_format querytap protozero)
set(querytap_parts_servers querytap fmt)
set(querytap_parts_postgres_server servers libpq_library nlohmann_json)
set(querytap_parts_mysql_server servers libmariadb nlohmann_json)
set(querytap_parts_sqlite_server servers sqlite)
set(querytap_parts_background querytap threads)
set(querytap_parts_pools querytap background)
set(querytap_parts_gzip querytap libdeflate)
set(querytap_parts_watch servers background)
set(querytap_parts_files watch json)
set(querytap_parts_pages json gzip)
set(querytap_parts_endpoint pages background libmicrohttpd)
set(querytap_parts_otlp otlp_format watch gzip http curl nlohmann_json)
set(querytap_parts_llm http nlohmann_json)
set(querytap_parts_prices querytap nlohmann_json yaml_cpp)
set(querytap_parts_testing querytap)
set(querytap_parts_header_only absl fmt)
# The names that components had before 0.2.
set(querytap_parts_scrape pages)
set(querytap_parts_postgres_plans postgres_server)
set(querytap_parts_sqlite_plans sqlite_server)

# Looks for an outside library.
function(querytap_find_library name)
  if(name MATCHES "^(hiredis|lib(mariadb|microhttpd|pqxx))$")
    querytap_find_by_pkg_config(${name})
  elseif(name STREQUAL "libpq_library")
    querytap_find_by_pkg_config(libpq)
  elseif(name STREQUAL "libmongoc")
    querytap_find_libmongoc()
  elseif(name STREQUAL "protozero")
    querytap_find_protozero()
  elseif(name STREQUAL "libdeflate")
    querytap_find_libdeflate()
  elseif(name STREQUAL "sqlite3")
    find_package(SQLite3 QUIET)
  elseif(name STREQUAL "curl")
    find_package(CURL QUIET)
  elseif(name STREQUAL "yaml_cpp")
    find_package(yaml-cpp QUIET CONFIG)
  elseif(name STREQUAL "threads")
    find_package(Threads QUIET)
  elseif(name STREQUAL "prometheus_cpp_library")
    find_package(prometheus-cpp QUIET CONFIG)
  else()
    find_package(${name} QUIET CONFIG) # absl, fmt, nlohmann_json
  endif()
endfunction()

# Sets `result` in the caller to `component` and the components that it builds on, those first.
function(querytap_with_its_parts component result)
  set(all "")
  foreach(part IN LISTS querytap_parts_${component})
    if(DEFINED querytap_parts_${part})
      querytap_with_its_parts(${part} parts)
      list(APPEND all ${parts})
    endif()
  endforeach()
  list(APPEND all ${component})
  list(REMOVE_DUPLICATES all)
  set(${result} "${all}" PARENT_SCOPE)
endfunction()

# Sets `result` in the caller to the packages that `component` lacks; empty when it lacks none. In the package
# config, `querytap_linkage` says what is installed.
function(querytap_find_dependencies component result)
  set(needed "")
  querytap_with_its_parts(${component} components)
  foreach(part IN LISTS components)
    foreach(library IN LISTS querytap_parts_${part})
      if("${querytap_linkage}" STREQUAL "shared" AND NOT part STREQUAL "header_only"
         AND NOT library IN_LIST querytap_libraries_in_headers)
        continue()
      endif()
      if(DEFINED querytap_library_${library})
        querytap_find_library(${library})
        list(APPEND needed ${querytap_library_${library}})
      endif()
    endforeach()
  endforeach()
  querytap_missing_packages(missing ${needed})
  set(${result} "${missing}" PARENT_SCOPE)
endfunction()
