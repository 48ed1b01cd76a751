# cmake -DEXPECTATION=succeeds|fails -DTEXT=… -P expect.cmake -- COMMAND…
# Runs the command and insists on how it ends and on what it says, wherever the lines are wrapped.

set(command "")
set(seen_separator FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(index RANGE ${last})
  if(seen_separator)
    list(APPEND command "${CMAKE_ARGV${index}}")
  elseif(CMAKE_ARGV${index} STREQUAL "--")
    set(seen_separator TRUE)
  endif()
endforeach()

execute_process(COMMAND ${command} RESULT_VARIABLE result OUTPUT_VARIABLE output
                ERROR_VARIABLE output)
message("${output}")

set(outcome fails)
if(result EQUAL 0)
  set(outcome succeeds)
endif()
string(REGEX REPLACE "[ \n]+" " " output "${output}")
string(FIND "${output}" "${TEXT}" position)
if(NOT outcome STREQUAL EXPECTATION OR position EQUAL -1)
  message(FATAL_ERROR "expected that this ${EXPECTATION} and says: ${TEXT}")
endif()
