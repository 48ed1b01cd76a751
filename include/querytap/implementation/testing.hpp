#pragma once

// The sources of querytap::testing: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/testing/capture.cpp"
#include "../../../src/testing/checks.cpp"
