// Chroma's decorator fulfils the promises of every client.

#include "chroma_client.hpp"

#include <support/conformance/kit.hpp>

#include <catch2/catch.hpp>

namespace {

using querytap::testing::chroma_client;
namespace conformance = querytap::testing::conformance;

[[maybe_unused]] const bool registered =
    conformance::register_promises<chroma_client>(CATCH_INTERNAL_LINEINFO);

}  // namespace
