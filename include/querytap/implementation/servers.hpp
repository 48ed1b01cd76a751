#pragma once

// The sources of querytap::servers: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/servers/common/collected.cpp"
#include "../../../src/servers/common/equal_expressions.cpp"
#include "../../../src/servers/common/explainable.cpp"
#include "../../../src/servers/common/explained_text.cpp"
#include "../../../src/servers/common/measured.cpp"
#include "../../../src/servers/common/named_and_rest.cpp"
#include "../../../src/servers/common/own_questions.cpp"
#include "../../../src/servers/common/plan_basis.cpp"
