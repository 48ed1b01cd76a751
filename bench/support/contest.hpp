#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::bench {

/// One piece of work done in several ways. A round is a turn for each of them, in an order that is
/// shuffled anew: other load on the machine meets all of them alike, and none always runs in the
/// cache that the same other has left.
///
///     contest overhead{"overhead/sqlite", {.calls = 1000, .untimed_calls = 1000}, thread_time};
///     overhead.add("bare", [&](std::size_t calls) { … });
///     overhead.add("querytap", [&](std::size_t calls) { … });
///     overhead.run(1000);
///     overhead.print();
///     overhead.write("sqlite.json");
class contest {
 public:
  using clock_function = double();
  /// Makes that many calls.
  using work = std::function<void(std::size_t calls)>;

  struct turn {
    std::size_t calls = 1;
    /// Made before, to bring into the cache what the other contenders have driven out of it.
    std::size_t untimed_calls = 0;
  };

  /// `time` is read around each turn, in nanoseconds.
  contest(std::string name, turn each, clock_function* time)
      : name_{std::move(name)}, turn_{each}, time_{time} {}

  /// Adds a contender, or another instance of one: those of a contender take its turns by rotation,
  /// so that where one of them lies in memory is not what is measured.
  void add(std::string_view name, work instance);

  void run(std::size_t rounds);

  /// The time of one call, and its ratio to that of the contender added first, with the confidence
  /// interval.
  void print() const;

  /// In the format of Google Benchmark's files, with the ratios of each contender to all others.
  /// Writes nothing if the file name is empty.
  void write(const std::string& file) const;

 private:
  struct contender {
    std::string name;
    std::vector<work> instances = {};
    std::vector<double> times = {};  // of one call, one for each round
  };

  std::string name_;
  turn turn_;
  clock_function* time_;
  std::vector<contender> contenders_;
};

/// The processor time of this thread: other programs on the machine do not count.
[[nodiscard]] double thread_time();
/// The time that a caller waits.
[[nodiscard]] double wall_time();

}  // namespace querytap::bench
