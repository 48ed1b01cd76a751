// What is packed is unpacked as it was, and is small.

#include <runtime/common/gzip_compressor.hpp>

#include <support/gunzip.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace querytap::testing;

namespace {

std::string gzip(std::string_view data) {
  std::string packed;
  querytap::detail::gzip_compressor{}.compress(data, packed);
  return packed;
}

}  // namespace

TEST_CASE("every body is unchanged after decompression") {
  std::minstd_rand random{7};
  std::string noise(1 << 20, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  for (const std::string& data : {std::string{}, std::string{"a"}, std::string(3, '\0'), noise}) {
    CHECK(gunzip(gzip(data)) == data);
  }
}

TEST_CASE("a repetitive body becomes small, and noise hardly grows") {
  std::string text;
  for (int i = 0; i < 10'000; ++i)
    text += "db_client_operation_duration_seconds_bucket{le=\"0.1\"} 7\n";
  CHECK(gzip(text).size() < text.size() / 50);
  CHECK(gunzip(gzip(text)) == text);
  std::minstd_rand random{7};
  std::string noise(1 << 20, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  CHECK(gzip(noise).size() < noise.size() + noise.size() / 1000 + 64);
}
