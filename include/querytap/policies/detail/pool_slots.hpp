#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/policies/pool_options.hpp>

#include <cstddef>
#include <cstdint>

namespace querytap {

class recorder;
struct pool_report;

namespace detail {

struct pool_slot;

/// What a pool does with its objects, whose type pool_slots does not know.
///
/// Threads  any number at once, each with an object that no other has.
class pool_objects {
 public:
  pool_objects(bool validates, bool resets, bool names_server_process) noexcept
      : has_validator{validates}, has_reset{resets}, has_server_pid{names_server_process} {}
  virtual ~pool_objects() = default;
  pool_objects(const pool_objects&) = delete;
  pool_objects& operator=(const pool_objects&) = delete;

  /// Never null; what the application's function throws passes through.
  [[nodiscard]] virtual void* make() = 0;
  /// Also false if the application's function throws.
  [[nodiscard]] virtual bool is_valid(void* object) noexcept = 0;
  [[nodiscard]] virtual bool reset(void* object) noexcept = 0;
  /// An exception of the destructor ends here.
  virtual void destroy(void* object) noexcept = 0;
  /// Of the connection's session on its server; 0: not known.
  [[nodiscard]] virtual std::uint32_t server_pid(void* object) const noexcept = 0;

  const bool has_validator;
  const bool has_reset;
  const bool has_server_pid;
};

/// The part of a pool that does not depend on the type of its objects: which objects are lent, which
/// callers wait, when an object is made, examined and destroyed, and the metrics of all that. A slot is a
/// place for one object.
///
/// Threads  any number at once. The thread that has taken a slot owns the object in it until the
///          slot is given back.
/// Lifetime close_and_release() ends it: at once, or with the last lease.
class pool_slots {
 public:
  struct lent {
    pool_slot* slot;
    void* object;
  };

  [[nodiscard]] static pool_slots* make(recorder& recorder, pool_options options,
                                        std::unique_ptr<pool_objects> objects);
  /// Nothing is lent any more; callers that wait have left when it returns.
  void close_and_release() noexcept;

  [[nodiscard]] lent take(code_location site);
  void give_back(pool_slot& slot, bool is_reusable) noexcept;

  void resize(std::size_t minimum, std::size_t maximum);
  [[nodiscard]] bool drain(std::chrono::milliseconds within);
  std::chrono::nanoseconds maintain();
  [[nodiscard]] pool_report report() const;

  [[nodiscard]] std::size_t idle() const;
  [[nodiscard]] std::size_t used() const;  ///< lent out, or about to be

 private:
  struct state;

  explicit pool_slots(std::unique_ptr<state> made) noexcept;
  ~pool_slots();

  std::unique_ptr<state> state_;
};

}  // namespace detail
}  // namespace querytap
