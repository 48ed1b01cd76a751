// A rendered manual page is taken apart into what it is about and what it says.

#include <rag_chatbot/corpus/manual_page.hpp>

#include <catch2/catch.hpp>

using namespace rag_chatbot;

namespace {

constexpr auto pipe_page = R"(PIPE(2)          System Calls Manual          PIPE(2)

NAME
       pipe, pipe2 - create
       pipe

LIBRARY
       Standard C library (libc, -lc)

DESCRIPTION
       pipe() creates a pipe.

   Subheading
       More of it.

Node 0 is sample output at the margin

RETURN VALUE
       On success, zero is returned.

SEE ALSO
       fork(2)

Linux man-pages 6.03          2023-02-05          PIPE(2)
)";

std::vector<std::string> headings_of(const document& page) {
  std::vector<std::string> headings;
  for (const auto& part : page.sections) headings.push_back(part.heading);
  return headings;
}

}  // namespace

TEST_CASE("a NAME line gives the names and the description", "[name_line]") {
  const auto about = parse_name_line("pipe, pipe2 - create pipe");
  REQUIRE(about);
  CHECK(about->names == std::vector<std::string>{"pipe", "pipe2"});
  CHECK(about->description == "create pipe");
  CHECK(to_string(*about) == "pipe, pipe2 - create pipe");
}

TEST_CASE("a name may have a dash, and a description too", "[name_line]") {
  const auto about = parse_name_line("ld-linux.so - dynamic linker - and loader");
  REQUIRE(about);
  CHECK(about->names == std::vector<std::string>{"ld-linux.so"});
  CHECK(about->description == "dynamic linker - and loader");
}

TEST_CASE("a line that says nothing of one side is no NAME line", "[name_line]") {
  CHECK_FALSE(parse_name_line(""));
  CHECK_FALSE(parse_name_line("pipe"));
  CHECK_FALSE(parse_name_line(" - create pipe"));
  CHECK_FALSE(parse_name_line(", - create pipe"));
  CHECK_FALSE(parse_name_line("pipe -  "));
}

TEST_CASE("a page has the sections that answer something, without title and foot",
          "[manual_page]") {
  const auto page = parse_manual_page("pipe(2)", pipe_page);
  REQUIRE(page);
  CHECK(page->page == "pipe(2)");
  CHECK(page->about == name_line{{"pipe", "pipe2"}, "create pipe"});
  CHECK(headings_of(*page) == std::vector<std::string>{"NAME", "DESCRIPTION", "RETURN VALUE"});
  CHECK(page->sections[1].text.find("Node 0 is sample output") != std::string::npos);
}

TEST_CASE("a redirect to another page is no page", "[manual_page]") {
  CHECK_FALSE(parse_manual_page("pipe2(2)", "()\n\nSee the file man2/pipe.2.\n\n()\n"));
  CHECK_FALSE(parse_manual_page("empty(2)", ""));
  CHECK_FALSE(parse_manual_page("one_line(2)", "no line end"));
}
