// Compiled out, Chroma works as before, and nothing is recorded.

#include "chroma_client.hpp"

#include <support/conformance/compiled_out.hpp>

int main() {
  return querytap::testing::conformance::check_compiled_out<querytap::testing::chroma_client>();
}
