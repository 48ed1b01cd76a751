#include "event_streams.hpp"

#include "../../base/call_guarded.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace querytap::detail {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t block_size = 64 * 1024;

// The next multiple of the interval: the same moment for everybody.
steady_clock::time_point next_turn(std::chrono::milliseconds interval) {
  const auto past = steady_clock::now().time_since_epoch();
  return steady_clock::time_point{(past / interval + 1) * interval};
}

}  // namespace

class event_streams::turn_job final : public background_job {
 public:
  turn_job(event_streams& streams, background_thread& thread)
      : streams_{streams}, thread_{thread} {}

  [[nodiscard]] time_point due() override { return streams_.next_due(); }
  void step() override { streams_.resume_due(); }
  void wake() { thread_.wake(); }

 private:
  event_streams& streams_;
  background_thread& thread_;
};

event_stream::~event_stream() {
  const std::lock_guard lock{all.mutex_};
  std::erase(all.streams_, this);
}

event_streams::event_streams(std::size_t most) : most_{most} {}
event_streams::~event_streams() = default;

std::unique_ptr<event_stream> event_streams::begin(MHD_Connection* connection, page_response first,
                                                   std::function<void(page_response&)> ask) {
  auto stream = std::make_unique<event_stream>(
      event_stream{.all = *this, .connection = connection, .ask = std::move(ask)});
  stream->interval = first.again_in;
  stream->unsent = std::move(first.body);
  stream->due = next_turn(stream->interval);
  if (!add(*stream)) return nullptr;
  start_turns();
  return stream;
}

bool event_streams::add(event_stream& stream) {
  const std::lock_guard lock{mutex_};
  if (streams_.size() >= most_ || has_ended_) return false;
  streams_.push_back(&stream);
  return true;
}

// The child of a fork has no server, and so no streams.
void event_streams::start_turns() {
  if (turns_ == nullptr) {
    turns_ = std::make_unique<background_task<turn_job>>(
        [process = getpid(), this](background_thread& thread) {
          if (getpid() != process) throw std::logic_error{"querytap: the streams are the parent's"};
          return std::make_unique<turn_job>(*this, thread);
        });
  }
  if (turn_job* job = turns_->job(); job != nullptr) job->wake();
}

steady_clock::time_point event_streams::next_due() {
  const std::lock_guard lock{mutex_};
  return streams_.empty() ? steady_clock::time_point::max() : next_turn(streams_.front()->interval);
}

MHD_Response* event_streams::response_of(std::unique_ptr<event_stream> stream) {
  MHD_Response* response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, block_size, &read,
                                                             stream.get(), &release);
  if (response != nullptr) static_cast<void>(stream.release());
  return response;
}

void event_streams::resume_due() {
  const auto moment = steady_clock::now();
  const std::lock_guard lock{mutex_};
  for (event_stream* stream : streams_) {
    // Of a connection that is not suspended, the server's thread may be writing when it is due.
    if (!stream->is_suspended || stream->due > moment) continue;
    stream->is_suspended = false;
    MHD_resume_connection(stream->connection);
  }
}

void event_streams::end_all() {
  const std::lock_guard lock{mutex_};
  has_ended_ = true;
  for (event_stream* stream : streams_) {
    if (std::exchange(stream->is_suspended, false)) MHD_resume_connection(stream->connection);
  }
}

// False once the streams have ended.
bool event_streams::suspend(event_stream& stream) {
  const std::lock_guard lock{mutex_};
  if (has_ended_) return false;
  stream.is_suspended = true;
  MHD_suspend_connection(stream.connection);
  return true;
}

void event_streams::next_event(event_stream& stream) {
  page_response next;
  stream.unsent.clear();
  stream.sent = 0;
  stream.due = next_turn(stream.interval);
  stream.ask(next);
  stream.unsent = std::move(next.body);
}

// Called by the server whenever the client can take more.
ssize_t event_streams::read(void* closure, std::uint64_t, char* buffer, std::size_t size) {
  event_stream& stream = *static_cast<event_stream*>(closure);
  if (stream.sent == stream.unsent.size()) {
    if (steady_clock::now() < stream.due)
      return stream.all.suspend(stream) ? 0 : MHD_CONTENT_READER_END_OF_STREAM;
    // An exception must not reach the C code of the server; the client comes back.
    call_guarded([&] { next_event(stream); });
    if (stream.unsent.empty()) return MHD_CONTENT_READER_END_OF_STREAM;
  }
  const std::size_t part = std::min(size, stream.unsent.size() - stream.sent);
  std::memcpy(buffer, stream.unsent.data() + stream.sent, part);
  stream.sent += part;
  if (stream.touched) stream.touched();
  return static_cast<ssize_t>(part);
}

void event_streams::release(void* closure) { delete static_cast<event_stream*>(closure); }

}  // namespace querytap::detail
