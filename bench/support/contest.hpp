#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace querytap::bench {

/// One piece of work done in several ways, in turn: A B C A B C …, so that other load on the
/// machine meets all of them alike. Each is compared with each of the rivals.
///
///     contest overhead{"overhead/sqlite", 20, thread_time};
///     overhead.add_rival("bare", [&] { … });
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

  using work_function = std::function<void(std::size_t calls)>;

  /// `work` makes `calls` calls.
  void add(std::string name, work_function work);
  void add_rival(std::string name, work_function work);

  /// One round is a turn for each.
  void run(std::size_t rounds);

  /// The time of one call, and its ratio to each rival's with the confidence interval.
  void print() const;

  /// In the format of Google Benchmark's files. Writes nothing if the file name is empty.
  void write(const std::string& file) const;

 private:
  struct contender {
    std::string name;
    work_function work;
    bool is_rival;
    std::vector<double> times = {};  // of one call, one for each round
  };

  template <class Visit>
  void for_each_rival(Visit visit) const {
    for (const contender& entry : contenders_) {
      if (entry.is_rival) visit(entry);
    }
  }

  std::string name_;
  std::size_t calls_per_turn_;
  clock_function* time_;
  std::vector<contender> contenders_;
};

/// The processor time of this thread: other programs on the machine do not count.
[[nodiscard]] double thread_time();
/// The time that a caller waits.
[[nodiscard]] double wall_time();

}  // namespace querytap::bench
