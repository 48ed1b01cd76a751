// Any folder of text or Markdown is a corpus; any other is refused with a reason.

#include <rag_chatbot/corpus/text_folder.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace rag_chatbot;
using Catch::Matchers::Contains;
using querytap::testing::temporary_folder;

namespace {

void write(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary} << text;
}

}  // namespace

TEST_CASE("text and Markdown are read from all subfolders, in the order of their paths",
          "[text_folder]") {
  const temporary_folder folder;
  write(folder.path() / "b.txt", "plain text");
  write(folder.path() / "a/guide.md", "# Guide\n\nwords\n\n## Install\n\nmore words\n");
  write(folder.path() / "a/picture.png", "no text");

  const auto documents = load_text_folder(folder.path());

  REQUIRE(documents.size() == 2);
  CHECK(documents[0].page == "a/guide.md");
  CHECK(documents[0].about.description == "Guide");
  CHECK(documents[0].sections ==
        std::vector<section>{{"Guide", "\nwords\n\n"}, {"Install", "\nmore words\n"}});
  CHECK(documents[1].page == "b.txt");
  CHECK(documents[1].about.description == "plain text");
  CHECK(documents[1].sections == std::vector<section>{{"", "plain text\n"}});
}

TEST_CASE("the valid characters of a file with invalid UTF-8 are read", "[text_folder]") {
  const temporary_folder folder;
  write(folder.path() / "latin1.txt", "na\xEFve");
  CHECK(load_text_folder(folder.path())[0].sections[0].text == "na\xEF\xBF\xBDve\n");
}

TEST_CASE("a folder without text is refused", "[text_folder]") {
  const temporary_folder folder;
  write(folder.path() / "empty.md", " \n");
  write(folder.path() / "program.bin", "text, but not by its name");
  REQUIRE_THROWS_WITH(load_text_folder(folder.path()),
                      Contains(folder.path().string()) && Contains("has no text in it"));
}

TEST_CASE("a folder that is missing, or a file, is refused", "[text_folder]") {
  const temporary_folder folder;
  write(folder.path() / "file.txt", "text");
  CHECK_THROWS_AS(load_text_folder(folder.path() / "missing"), unusable_corpus);
  CHECK_THROWS_WITH(load_text_folder(folder.path() / "missing"), Contains("is not a folder"));
  CHECK_THROWS_WITH(load_text_folder(folder.path() / "file.txt"), Contains("is not a folder"));
}
