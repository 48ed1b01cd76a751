#pragma once

// The sources of querytap::files: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/json.hpp>
#include <querytap/implementation/watch.hpp>

#include "../../../src/runtime/files/appended_file.cpp"
#include "../../../src/runtime/files/json_lines_file.cpp"
#include "../../../src/runtime/files/report_file.cpp"
