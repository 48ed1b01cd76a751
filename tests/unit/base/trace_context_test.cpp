// What W3C Trace Context calls valid is read, and everything else is refused.

#include <querytap/base/trace_context.hpp>

#include <catch2/catch.hpp>

#include <string>

using querytap::trace_context;

namespace {

const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string read_back(const std::string& header) {
  const auto parsed = trace_context::parse(header);
  return parsed ? to_string(*parsed) : "refused";
}

std::string with(std::size_t position, char instead) {
  std::string changed = good;
  changed[position] = instead;
  return changed;
}

}  // namespace

TEST_CASE("a valid traceparent is read and written back as it was", "[trace_context]") {
  CHECK(read_back(good) == good);
  const trace_context trace = *trace_context::parse(good);
  CHECK(trace_id_text(trace) == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(span_id_text(trace) == "00f067aa0ba902b7");
  CHECK(trace.sampled());
  CHECK_FALSE(trace_context::parse(with(54, '0'))->sampled());
  CHECK(trace_context::parse(with(54, '3'))->sampled());
}

TEST_CASE("a later version is read as far as version 00 goes", "[trace_context]") {
  CHECK(read_back("01" + good.substr(2)) == good);
  CHECK(read_back("cc" + good.substr(2) + "-what-the-future-brings") == good);
  CHECK(read_back("cc" + good.substr(2) + "what-the-future-brings") == "refused");
}

TEST_CASE("blanks around a traceparent are no part of it, others are", "[trace_context]") {
  for (const char* blanks : {" ", "\t", " \t ", "        "}) {
    CAPTURE(blanks);
    CHECK(read_back(blanks + good) == good);
    CHECK(read_back(good + blanks) == good);
    CHECK(read_back(blanks + good + blanks) == good);
    CHECK(read_back(blanks + ("cc" + good.substr(2) + "-more") + blanks) == good);
    CHECK(read_back(blanks) == "refused");
    CHECK(read_back("00" + (blanks + good.substr(2))) == "refused");
  }
  for (const char* other : {"\r", "\n", "\v", "\f", "\xC2\xA0", ","}) {
    CAPTURE(other);
    CHECK(read_back(other + good) == "refused");
    CHECK(read_back(good + other) == "refused");
  }
}

TEST_CASE("what the specification calls invalid is refused", "[trace_context]") {
  CHECK(read_back("") == "refused");
  CHECK(read_back("ff" + good.substr(2)) == "refused");
  CHECK(read_back(good + "-extra") == "refused");
  CHECK(read_back(good + "0") == "refused");
  CHECK(read_back("00-00000000000000000000000000000000-00f067aa0ba902b7-01") == "refused");
  CHECK(read_back("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01") == "refused");
  CHECK(read_back("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01") == "refused");
}

TEST_CASE("no text with a wrong character and no shorter text is accepted", "[trace_context]") {
  for (std::size_t i = 0; i < good.size(); ++i) {
    CAPTURE(i);
    CHECK(read_back(good.substr(0, i)) == "refused");
    for (const char wrong : {'g', 'A', ' ', '\0', '\xff'})
      CHECK(read_back(with(i, wrong)) == "refused");
  }
}
