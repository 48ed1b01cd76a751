#pragma once

// The sources of querytap::gzip: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/runtime/common/gzip_compressor.cpp"
