#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace querytap::bench {

/// The same work done in several ways, in turn: A B C A B C …, so that whatever else the machine
/// does meets all of them alike. The first is the bare one that the others are compared with.
///
///     contest overhead{"overhead/sqlite", 20, thread_time};
///     overhead.add("bare", [&] { … });
///     overhead.add("querytap", [&] { … });
///     overhead.run(1000);
///     overhead.print();
///     overhead.write("sqlite.json");
class contest {
 public:
  using clock_function = double();

  /// Each turn calls the work `calls_per_turn` times and reads `time`, in nanoseconds, around them.
  contest(std::string name, std::size_t calls_per_turn, clock_function* time)
      : name_{std::move(name)}, calls_per_turn_{calls_per_turn}, time_{time} {}

  /// `work` makes so many calls.
  void add(std::string who, std::function<void(std::size_t calls)> work);

  /// One round is a turn for each.
  void run(std::size_t rounds);

  /// Time of one call, and how many times that of the bare one it is, with the confidence interval.
  void print() const;

  /// In the shape of Google Benchmark's files. Nothing happens without a file name.
  void write(const std::string& file) const;

 private:
  struct contender {
    std::string who;
    std::function<void(std::size_t)> work;
    std::vector<double> times = {};  // of one call, one for each round
  };

  std::string name_;
  std::size_t calls_per_turn_;
  clock_function* time_;
  std::vector<contender> contenders_;
};

/// What this thread has computed: other programs on the machine do not count.
[[nodiscard]] double thread_time();
/// What a caller waits.
[[nodiscard]] double wall_time();

}  // namespace querytap::bench
