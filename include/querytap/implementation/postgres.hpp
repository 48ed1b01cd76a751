#pragma once

// The sources of querytap::postgres: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/decorators/postgres/postgres.cpp"
