// A manual page is rendered by a program, on all cores, and parsed into its subject and its sections;
// an error on the way is reported.

#include <rag_chatbot/corpus/manual_page.hpp>
#include <rag_chatbot/corpus/parallel.hpp>
#include <rag_chatbot/corpus/program.hpp>

#include <catch2/catch.hpp>

#include <atomic>

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

TEST_CASE("a line with an empty side is not a NAME line", "[name_line]") {
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

TEST_CASE("a redirect to another page is not a page", "[manual_page]") {
  CHECK_FALSE(parse_manual_page("pipe2(2)", "()\n\nSee the file man2/pipe.2.\n\n()\n"));
  CHECK_FALSE(parse_manual_page("empty(2)", ""));
  CHECK_FALSE(parse_manual_page("one_line(2)", "no line end"));
}

TEST_CASE("a program's output is what it printed, in the folder that it was given", "[program]") {
  CHECK(output_of({"printf", "%s|", "a b", "$HOME", "*"}) == "a b|$HOME|*|");
  CHECK(output_of({"pwd"}, "/usr") == "/usr\n");
  CHECK(output_of({"head", "-c", "1000000", "/dev/zero"}).size() == 1'000'000);
}

TEST_CASE("a program that fails, or is not there, is an error that names it", "[program]") {
  CHECK_THROWS_WITH(output_of({"test", "1", "=", "2"}), "test 1 = 2 failed");
  CHECK_THROWS_WITH(output_of({"no-such-program"}),
                    "cannot start no-such-program: No such file or directory");
}

TEST_CASE("every index is worked on once", "[parallel]") {
  std::vector<std::atomic<int>> visits(1000);
  for_each_index_in_parallel(visits.size(), {}, [&](std::size_t i) { ++visits[i]; });
  CHECK(std::all_of(visits.begin(), visits.end(), [](const auto& count) { return count == 1; }));
  CHECK_NOTHROW(for_each_index_in_parallel(0, {}, [](std::size_t) { FAIL("nothing to do"); }));
}

TEST_CASE("the first failure ends the work and is thrown", "[parallel]") {
  std::atomic<std::size_t> worked{0};
  const auto fail_at_once = [&](std::size_t) {
    ++worked;
    throw std::runtime_error{"broken"};
  };
  CHECK_THROWS_WITH(for_each_index_in_parallel(1000, {}, fail_at_once), "broken");
  CHECK(worked <= std::max(1U, std::thread::hardware_concurrency()));
}

TEST_CASE("work that is to stop says that it was not done", "[parallel]") {
  std::stop_source source;
  std::atomic<int> worked{0};
  const auto stop_soon = [&](std::size_t) {
    if (++worked == 5) source.request_stop();
  };
  CHECK_THROWS_AS(for_each_index_in_parallel(100'000, source.get_token(), stop_soon), stopped);
  CHECK(worked < 100'000);
}
