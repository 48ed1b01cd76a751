# libpg_query, the judge of the tests and a rival in the benchmarks, as a target of its own where it is
# installed; it brings no config for CMake.
find_path(PG_QUERY_INCLUDE_DIR pg_query.h)
find_library(PG_QUERY_LIBRARY pg_query)
mark_as_advanced(PG_QUERY_INCLUDE_DIR PG_QUERY_LIBRARY)
if(PG_QUERY_INCLUDE_DIR AND PG_QUERY_LIBRARY AND NOT TARGET pg_query)
  add_library(pg_query UNKNOWN IMPORTED GLOBAL)
  set_target_properties(pg_query PROPERTIES IMPORTED_LOCATION ${PG_QUERY_LIBRARY}
                                            INTERFACE_INCLUDE_DIRECTORIES ${PG_QUERY_INCLUDE_DIR})
endif()
