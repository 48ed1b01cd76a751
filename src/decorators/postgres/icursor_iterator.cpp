#include <querytap/decorators/postgres/icursor_iterator.hpp>

#include <string>

namespace querytap::postgres {

icursor_iterator::icursor_iterator(istream_type& stream) noexcept
    : stream_{&stream}, position_{stream.requested_} {
  attach();
}

icursor_iterator::icursor_iterator(const icursor_iterator& other) noexcept
    : stream_{other.stream_}, block_{other.block_}, position_{other.position_} {
  attach();
}

icursor_iterator& icursor_iterator::operator=(const icursor_iterator& other) noexcept {
  if (stream_ != other.stream_) {
    detach();
    stream_ = other.stream_;
    attach();
  }
  block_ = other.block_;
  position_ = other.position_;
  return *this;
}

icursor_iterator::~icursor_iterator() { detach(); }

void icursor_iterator::attach() {
  if (stream_ != nullptr) stream_->iterators_.push_back(this);
}

void icursor_iterator::detach() noexcept {
  if (stream_ != nullptr) std::erase(stream_->iterators_, this);
}

icursor_iterator& icursor_iterator::operator+=(difference_type blocks) {
  if (blocks == 0) return *this;
  if (blocks < 0) throw pqxx::argument_error{"Advancing icursor_iterator by negative offset."};
  stream_->requested_ += blocks * stream_->stride();
  position_ = stream_->requested_;
  block_.clear();
  return *this;
}

icursor_iterator& icursor_iterator::operator++() { return *this += 1; }

icursor_iterator icursor_iterator::operator++(int) {
  icursor_iterator before{*this};
  ++*this;
  return before;
}

void icursor_iterator::refresh() const {
  if (stream_ != nullptr) stream_->read_up_to(position_);
}

bool icursor_iterator::operator==(const icursor_iterator& other) const {
  if (stream_ == other.stream_) return position_ == other.position_;
  if (stream_ != nullptr && other.stream_ != nullptr) return false;
  refresh();
  other.refresh();
  return block_.empty() && other.block_.empty();
}

bool icursor_iterator::operator<(const icursor_iterator& other) const {
  if (stream_ == other.stream_) return position_ < other.position_;
  refresh();
  other.refresh();
  return !block_.empty();
}

}  // namespace querytap::postgres
