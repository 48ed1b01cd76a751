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
  list(JOIN packages " " packages)
  set(${result} "${packages}" PARENT_SCOPE)
endfunction()

# Makes PkgConfig::<module>, for libraries that come without a CMake config.
function(querytap_find_by_pkg_config module)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(${module} QUIET IMPORTED_TARGET GLOBAL ${module})
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

# Sets `result` in the caller to the packages that `component` lacks; empty when it lacks none.
function(querytap_find_dependencies component result)
  set(needed "")
  if(component STREQUAL "querytap")
    find_package(absl QUIET CONFIG)
    find_package(fmt QUIET CONFIG)
    set(needed absl::flat_hash_map libabsl-dev fmt::fmt libfmt-dev)
  elseif(component STREQUAL "sqlite")
    find_package(SQLite3 QUIET)
    set(needed SQLite::SQLite3 libsqlite3-dev)
  elseif(component STREQUAL "postgres")
    querytap_find_by_pkg_config(libpqxx)
    set(needed PkgConfig::libpqxx libpqxx-dev)
  elseif(component STREQUAL "prometheus")
    querytap_find_protozero()
    set(needed querytap::protozero libprotozero-dev)
  elseif(component STREQUAL "prometheus_cpp")
    querytap_find_protozero()
    find_package(prometheus-cpp QUIET CONFIG)
    set(needed querytap::protozero libprotozero-dev prometheus-cpp::core prometheus-cpp-dev)
  elseif(component STREQUAL "scrape")
    querytap_find_protozero()
    querytap_find_libdeflate()
    find_package(nlohmann_json QUIET CONFIG)
    set(needed querytap::protozero libprotozero-dev querytap::libdeflate libdeflate-dev
        nlohmann_json::nlohmann_json nlohmann-json3-dev)
  elseif(component STREQUAL "endpoint")
    querytap_find_protozero()
    querytap_find_libdeflate()
    find_package(nlohmann_json QUIET CONFIG)
    querytap_find_by_pkg_config(libmicrohttpd)
    set(needed querytap::protozero libprotozero-dev querytap::libdeflate libdeflate-dev
        nlohmann_json::nlohmann_json nlohmann-json3-dev
        PkgConfig::libmicrohttpd libmicrohttpd-dev)
  elseif(component STREQUAL "otlp")
    find_package(Threads QUIET)
    querytap_find_protozero()
    find_package(CURL QUIET)
    querytap_find_libdeflate()
    find_package(nlohmann_json QUIET CONFIG)
    set(needed
        querytap::protozero libprotozero-dev CURL::libcurl libcurl4-openssl-dev querytap::libdeflate libdeflate-dev
        nlohmann_json::nlohmann_json nlohmann-json3-dev)
  elseif(component STREQUAL "watch")
    find_package(Threads QUIET)
    set(needed Threads::Threads libc6-dev)
  elseif(component STREQUAL "json")
    querytap_find_protozero()
    find_package(nlohmann_json QUIET CONFIG)
    set(needed querytap::protozero libprotozero-dev nlohmann_json::nlohmann_json nlohmann-json3-dev)
  endif()
  querytap_missing_packages(missing ${needed})
  set(${result} "${missing}" PARENT_SCOPE)
endfunction()
