#include <querytap/decorators/chroma/collection.hpp>

#include "collection_calls.hpp"

namespace querytap::chroma {

collection::collection(querytap::detail::pimpl<detail::collection_calls> calls) noexcept
    : calls_{std::move(calls)} {}
collection::collection(collection&&) noexcept = default;
collection& collection::operator=(collection&&) noexcept = default;
collection::~collection() = default;

const std::string& collection::id() const noexcept { return calls_->info().id; }
const std::string& collection::name() const noexcept { return calls_->info().name; }

void collection::add(const records& added, code_location site) {
  calls_->write("add", added, true, site);
}
void collection::upsert(const records& written, code_location site) {
  calls_->write("upsert", written, true, site);
}
void collection::update(const records& changed, code_location site) {
  calls_->write("update", changed, false, site);
}
void collection::remove(const remove_options& removed, code_location site) {
  calls_->remove(removed, site);
}

std::vector<found_record> collection::query(std::span<const float> vector,
                                            const query_options& options, code_location site) {
  const std::vector<float> single{vector.begin(), vector.end()};
  return std::move(calls_->query({&single, 1}, options, site).front());
}

std::vector<std::vector<found_record>> collection::query_all(
    std::span<const std::vector<float>> vectors, const query_options& options, code_location site) {
  return calls_->query(vectors, options, site);
}

std::vector<found_record> collection::get(const get_options& options, code_location site) {
  return calls_->get(options, site);
}

std::uint64_t collection::count(code_location site) { return calls_->count(site); }

}  // namespace querytap::chroma
