// A line of code is reported without the folders of the machine that built the program.

#include <querytap/snapshot/call_site.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace querytap;

namespace {

struct shown_path {
  const char* path;
  const char* shown;
};

const shown_path shown_paths[] = {
    {"/home/ada/chatbot/src/store.cpp", "src/store.cpp"},
    {"/home/ada/chatbot/src/store/src/x.cpp", "src/store/src/x.cpp"},
    {"/builds/team/chatbot/include/chat/log.hpp", "include/chat/log.hpp"},
    {"/usr/include/boost/asio.hpp", "include/boost/asio.hpp"},
    {"/home/ada/chatbot/handlers/chat.cpp", "handlers/chat.cpp"},
    {"/home/ada/chatbot/main.cpp", "chatbot/main.cpp"},
    {"/home/ada/main.cpp", "main.cpp"},
    {"/Users/ada/main.cpp", "main.cpp"},
    {"/home/src/main.cpp", "src/main.cpp"},
    {"/app/main.cpp", "app/main.cpp"},
    {"/main.cpp", "main.cpp"},
    {"//home//ada//x//main.cpp", "x//main.cpp"},
    {"/srcs/asrc/main.cpp", "asrc/main.cpp"}};

}  // namespace

TEST_CASE("an absolute path begins with the first folder of a usual name, or with the file's own") {
  for (const auto& [path, shown] : shown_paths) CHECK(relative_source(path) == shown);
  const std::string home_of_administrator = "/root";
  CHECK(relative_source(home_of_administrator + "/main.cpp") == "main.cpp");
  CHECK(relative_source(home_of_administrator + "/chatbot/main.cpp") == "chatbot/main.cpp");
}

TEST_CASE("a path below the root of the sources begins there") {
  for (const char* root : {"/home/ada/chatbot", "/home/ada/chatbot/", "/home/ada/chatbot//"}) {
    CAPTURE(root);
    CHECK(relative_source("/home/ada/chatbot/tools/src/load.cpp", root) == "tools/src/load.cpp");
    CHECK(relative_source("/home/ada/chatbot/main.cpp", root) == "main.cpp");
    CHECK(relative_source("/home/ada/chatbot2/tools/load.cpp", root) == "tools/load.cpp");
    CHECK(relative_source("/usr/include/c++/12/map", root) == "include/c++/12/map");
    CHECK(relative_source("src/store.cpp", root) == "src/store.cpp");
  }
  CHECK(relative_source("build/../src/x.cpp", "build/..") == "src/x.cpp");
}

TEST_CASE("a relative path stays as it is, without the way up at its beginning") {
  CHECK(relative_source("src/store.cpp") == "src/store.cpp");
  CHECK(relative_source("store.cpp") == "store.cpp");
  CHECK(relative_source("../../chatbot/store.cpp") == "chatbot/store.cpp");
  CHECK(relative_source("./../store.cpp") == "store.cpp");
  CHECK(relative_source("a/../store.cpp") == "a/../store.cpp");
  CHECK(relative_source("").empty());
}

TEST_CASE("a function's name has no absolute path either") {
  const auto function = [](const char* name) {
    return site_of({"/home/ada/chatbot/src/main.cpp", 7, name}).function;
  };
  CHECK(function("int main()") == "int main()");
  CHECK(function("auto (anonymous class)::operator()() const") ==
        "auto (anonymous class)::operator()() const");
  CHECK(function("void run(F) [F = (lambda at /home/ada/chatbot/src/main.cpp:5:7)]") ==
        "void run(F) [F = (lambda at src/main.cpp:5:7)]");
  CHECK(
      function("f() [A = (lambda at /home/ada/x.cpp:5:7), B = (lambda at /home/ada/y.cpp:1:2)]") ==
      "f() [A = (lambda at x.cpp:5:7), B = (lambda at y.cpp:1:2)]");
  CHECK(function("f() [A = (unnamed struct at /home/ada") == "f() [A = (unnamed struct at ada");
  const call_site site = site_of({"/home/ada/chatbot/src/main.cpp", 7, "main"});
  CHECK(to_string(site) == "src/main.cpp:7");
  CHECK(site_of(code_location{}) == call_site{});
}
