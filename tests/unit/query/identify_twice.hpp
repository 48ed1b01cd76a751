#pragma once

#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <string_view>

namespace querytap::testing {

/// The identity of a statement. Checks that its sanitised text, identified in its turn, stays the
/// same and has the same fingerprint.
inline statement_identity identify_twice(std::string_view sql, dialect language) {
  const statement_identity once = identify(sql, language);
  const statement_identity twice = identify(once.text, language);
  CAPTURE(sql, once.text);
  CHECK(twice.text == once.text);
  CHECK(twice.fingerprint == once.fingerprint);
  return once;
}

}  // namespace querytap::testing
