# Files for pkg-config: querytap.pc is the core, querytap_<component>.pc a component.

# What pkg-config calls the outside libraries of dependencies.cmake; flags for those that have no file.
set(querytap_pkg_config_absl absl_flat_hash_map absl_flat_hash_set absl_hash)
set(querytap_pkg_config_curl libcurl)
set(querytap_pkg_config_fmt fmt)
set(querytap_pkg_config_hiredis hiredis)
set(querytap_pkg_config_libmariadb libmariadb)
set(querytap_pkg_config_libmicrohttpd libmicrohttpd)
set(querytap_pkg_config_libmongoc libmongoc-1.0)
set(querytap_pkg_config_libpq_library libpq)
set(querytap_pkg_config_libpqxx libpqxx)
set(querytap_pkg_config_prometheus_cpp_library prometheus-cpp-core)
set(querytap_pkg_config_sqlite3 sqlite3)
set(querytap_pkg_config_yaml_cpp yaml-cpp)
set(querytap_flags_libdeflate -ldeflate)
set(querytap_flags_threads -pthread)
# Their headers are all there is, and none of ours includes them.
set(querytap_without_pkg_config nlohmann_json protozero)

# A static library needs whatever it was built on wherever it is linked; of a shared one, that is its own
# business, except for the libraries whose headers its own headers include.
function(querytap_install_pkg_config component target)
  set(description "${PROJECT_DESCRIPTION}")
  if(NOT component STREQUAL "querytap")
    set(description "querytap, the component ${component}")
  endif()
  foreach(part IN LISTS querytap_parts_${component})
    if(NOT DEFINED querytap_parts_${part}
       AND NOT DEFINED querytap_pkg_config_${part}
       AND NOT DEFINED querytap_flags_${part}
       AND NOT part IN_LIST querytap_without_pkg_config)
      message(FATAL_ERROR "querytap: pkg_config.cmake does not say what pkg-config calls ${part}")
    endif()
    if(part STREQUAL "querytap")
      list(APPEND requires querytap)
    elseif(DEFINED querytap_parts_${part})
      list(APPEND requires querytap_${part})
    elseif(NOT BUILD_SHARED_LIBS OR part IN_LIST querytap_libraries_in_headers)
      list(APPEND requires ${querytap_pkg_config_${part}})
      list(APPEND flags ${querytap_flags_${part}})
    else()
      list(APPEND private_requires ${querytap_pkg_config_${part}})
      list(APPEND private_flags ${querytap_flags_${part}})
    endif()
  endforeach()
  foreach(words IN ITEMS requires flags private_requires private_flags)
    list(JOIN ${words} " " ${words})
  endforeach()
  set(folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}/${folder}
             OUTPUT_VARIABLE prefix)
  file(
    CONFIGURE
    OUTPUT pkg_config/${target}.pc
    CONTENT
      "prefix=\${pcfiledir}/${prefix}
libdir=\${prefix}/${CMAKE_INSTALL_LIBDIR}
includedir=\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}

Name: ${target}
Description: ${description}
Version: ${PROJECT_VERSION}
Requires: ${requires}
Requires.private: ${private_requires}
Libs: -L\${libdir} -l${target} ${flags}
Libs.private: ${private_flags}
Cflags: -I\${includedir}
"
    @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pkg_config/${target}.pc DESTINATION ${folder})
endfunction()
