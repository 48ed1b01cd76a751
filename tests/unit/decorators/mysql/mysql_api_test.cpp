// The decorator offers the C API, whole: what libmariadb's headers have on handles, and ours do not,
// is listed here.

#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <regex>
#include <set>
#include <string>

namespace {

using querytap::testing::read_text;

const std::filesystem::path headers_of_libmariadb{QUERYTAP_LIBMARIADB_HEADERS};
const std::filesystem::path own_headers =
    std::filesystem::path{QUERYTAP_SOURCE_DIR} / "include/querytap/decorators/mysql";

/// The functions that take one of the handles.
std::set<std::string> functions_on_handles() {
  std::string text = read_text(headers_of_libmariadb / "mysql.h");
  text.resize(text.find("these methods can be overwritten"));
  text += read_text(headers_of_libmariadb / "mariadb_stmt.h");
  const std::regex declaration{
      R"(\b((mysql|mariadb)_\w+)\s*\(([^;{}()]*\b(MYSQL|MYSQL_RES|MYSQL_STMT)\s*\*[^;{}]*)\)\s*;)"};
  std::set<std::string> found;
  for (std::sregex_iterator at{text.begin(), text.end(), declaration}, end; at != end; ++at) {
    found.insert((*at)[1]);
  }
  return found;
}

}  // namespace

TEST_CASE("each function of the C API on a handle is offered, or listed as left out", "[mysql]") {
  const std::set<std::string> left_out{
      "mysql_net_read_packet",  // the packets of the protocol themselves
  };
  std::string own;
  for (const auto& file : std::filesystem::directory_iterator{own_headers}) {
    own += read_text(file.path());
  }
  const std::set<std::string> all = functions_on_handles();
  CHECK(all.size() > 150);
  for (const std::string& name : all) {
    INFO(name);
    const bool is_offered = own.find(' ' + name + '(') != std::string::npos ||
                            own.find('*' + name + '(') != std::string::npos;
    CHECK(is_offered != (left_out.count(name) == 1));
  }
}
