#include <querytap/servers/host/gpu_collector.hpp>

#include "gpu_instruments.hpp"
#include "nvml.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap {
namespace {

using detail::nvml_library;
using detail::nvml::result;

/// A text that the library writes; empty where it has none.
template <class Write>
std::string written_text(Write write) {
  std::array<char, 96> buffer{};
  if (write(buffer.data(), static_cast<unsigned>(buffer.size())) != result::success) return {};
  buffer.back() = '\0';
  return buffer.data();
}

/// One GPU, into `found`.
class gpu_reader {
 public:
  gpu_reader(collected& found, const nvml_library& library, detail::nvml::device device,
             std::string id)
      : found_{found}, call_{library.call()}, device_{device}, id_{std::move(id)} {
    name_ = call_.name == nullptr ? std::string{"NVIDIA GPU"}
                                  : written_text([&](char* into, unsigned size) {
                                      return call_.name(device_, into, size);
                                    });
    labels_ = {{"hw.id", id_}, {"hw.name", name_}};
  }

  void read() const {
    add_facts();
    add_use();
    add_memory();
    add_power();
    add_temperature();
    add_clocks();
    add_slowdowns();
    add_errors();
    add_processes();
  }

 private:
  [[nodiscard]] attributes with(std::string_view key, std::string_view value) const {
    attributes all = labels_;
    all.set({key, value});
    return all;
  }

  void lacks(const instrument& missing, result code) const {
    found_.lacks(std::string{missing.name} + ' ' + id_, detail::nvml::reason_of(code));
  }

  /// What a function of one number answers; nothing, with the reason, if it fails.
  template <class Number, class Function, class... Arguments>
  [[nodiscard]] std::optional<Number> asked(const instrument& measured, Function function,
                                            Arguments... arguments) const {
    Number value{};
    const result code =
        function == nullptr ? result::function_not_found : function(device_, arguments..., &value);
    if (code == result::success) return value;
    lacks(measured, code);
    return std::nullopt;
  }

  void add_facts() const {
    const std::string version = call_.driver_version == nullptr
                                    ? std::string{}
                                    : written_text([&](char* into, unsigned size) {
                                        return call_.driver_version(into, size);
                                      });
    attributes facts = with("hw.vendor", "NVIDIA");
    if (!version.empty()) facts.set({"hw.driver_version", version});
    found_.add(catalog::gpu::info, 1, facts);
  }

  void add_use() const {
    if (const auto use =
            asked<detail::nvml::utilization>(catalog::gpu::utilization, call_.utilization_rates)) {
      found_.add(catalog::gpu::utilization, use->gpu / 100.0, with("hw.gpu.task", "general"));
      found_.add(catalog::gpu::memory_controller_utilization, use->memory / 100.0, labels_);
    }
    add_codec(call_.encoder, "encoder");
    add_codec(call_.decoder, "decoder");
  }

  // Most GPUs for servers have none: that is no news.
  void add_codec(result (*function)(detail::nvml::device, unsigned*, unsigned*),
                 std::string_view task) const {
    unsigned percent = 0;
    unsigned period = 0;
    if (function == nullptr || function(device_, &percent, &period) != result::success) return;
    found_.add(catalog::gpu::utilization, percent / 100.0, with("hw.gpu.task", task));
  }

  void add_memory() const {
    const auto memory = asked<detail::nvml::memory>(catalog::gpu::memory_usage, call_.memory_info);
    if (!memory) return;
    found_.add(catalog::gpu::memory_usage, memory->used, labels_);
    found_.add(catalog::gpu::memory_limit, memory->total, labels_);
    if (memory->total == 0) return;
    found_.add(catalog::gpu::memory_utilization,
               static_cast<double>(memory->used) / static_cast<double>(memory->total), labels_);
  }

  void add_power() const {
    const attributes typed = with("hw.type", "gpu");
    if (const auto milliwatts = asked<unsigned>(catalog::gpu::power, call_.power)) {
      found_.add(catalog::gpu::power, *milliwatts / 1000.0, typed);
    }
    if (const auto milliwatts = asked<unsigned>(catalog::gpu::power_limit, call_.power_limit)) {
      found_.add(catalog::gpu::power_limit, *milliwatts / 1000.0, typed);
    }
    if (const auto millijoules = asked<unsigned long long>(catalog::gpu::energy, call_.energy)) {
      found_.add(catalog::gpu::energy, static_cast<double>(*millijoules) / 1000.0, typed);
    }
  }

  void add_temperature() const {
    constexpr int of_chip = 0;
    constexpr int slowdown = 1;
    if (const auto degrees =
            asked<unsigned>(catalog::gpu::temperature, call_.temperature, of_chip)) {
      found_.add(catalog::gpu::temperature, *degrees, labels_);
    }
    if (const auto degrees =
            asked<unsigned>(catalog::gpu::temperature_limit, call_.temperature_limit, slowdown)) {
      found_.add(catalog::gpu::temperature_limit, *degrees, with("hw.limit_type", "high.degraded"));
    }
  }

  void add_clocks() const {
    constexpr std::array<std::pair<int, std::string_view>, 3> clocks{
        {{0, "graphics"}, {1, "sm"}, {2, "memory"}}};
    constexpr std::int64_t megahertz = 1'000'000;
    for (const auto& [number, name] : clocks) {
      if (const auto speed = asked<unsigned>(catalog::gpu::speed, call_.clock, number)) {
        found_.add(catalog::gpu::speed, *speed * megahertz, with("hw.gpu.clock", name));
      }
    }
  }

  // Neither idleness nor clocks that a person has set are among them.
  void add_slowdowns() const {
    constexpr std::array<std::pair<unsigned, std::string_view>, 6> reasons{
        {{0x04, "power_limit"},
         {0x08, "hardware"},
         {0x10, "sync_boost"},
         {0x20, "software_thermal"},
         {0x40, "hardware_thermal"},
         {0x80, "power_brake"}}};
    const auto bits = asked<unsigned long long>(catalog::gpu::slowdown, call_.slowdowns);
    if (!bits) return;
    for (const auto& [bit, name] : reasons) {
      found_.add(catalog::gpu::slowdown, (*bits & bit) != 0 ? 1 : 0,
                 with("hw.gpu.slowdown.reason", name));
    }
  }

  void add_errors() const {
    constexpr std::array<std::string_view, 2> types{"corrected", "uncorrected"};
    constexpr int since_load = 0;
    for (int type = 0; type < 2; ++type) {
      const auto count =
          asked<unsigned long long>(catalog::gpu::errors, call_.errors, type, since_load);
      if (!count) return;
      attributes labels = with("error.type", types[static_cast<std::size_t>(type)]);
      labels.set({"hw.type", "gpu"});
      found_.add(catalog::gpu::errors, *count, labels);
    }
  }

  using list_processes = result (*)(detail::nvml::device, unsigned*, detail::nvml::process*);

  [[nodiscard]] result processes_of(list_processes list,
                                    std::vector<detail::nvml::process>& found) const {
    if (list == nullptr) return result::function_not_found;
    unsigned count = 0;
    const result code = list(device_, &count, nullptr);
    if (code != result::insufficient_size) return code;
    // Room for those that begin meanwhile, and for drivers of 2023 that write eight bytes more for each.
    std::vector<detail::nvml::process> listed(std::size_t{count} * 2 + 8);
    count += 4;
    const result second = list(device_, &count, listed.data());
    if (second != result::success) return second;
    listed.resize(std::min<std::size_t>(count, listed.size()));
    found.insert(found.end(), listed.begin(), listed.end());
    return result::success;
  }

  void add_processes() const {
    std::vector<detail::nvml::process> all;
    const result code = processes_of(call_.compute_processes, all);
    static_cast<void>(processes_of(call_.graphics_processes, all));
    if (code != result::success) {
      lacks(catalog::gpu::process_count, code);
      return;
    }
    std::ranges::sort(all, {}, &detail::nvml::process::pid);
    const auto has_same_pid = [](const auto& a, const auto& b) { return a.pid == b.pid; };
    all.erase(std::unique(all.begin(), all.end(), has_same_pid), all.end());
    found_.add(catalog::gpu::process_count, all.size(), labels_);
    const auto own =
        std::ranges::find(all, static_cast<unsigned>(getpid()), &detail::nvml::process::pid);
    constexpr unsigned long long not_available = ~0ULL;
    if (own != all.end() && own->used_memory != not_available) {
      found_.add(catalog::gpu::own_memory, own->used_memory, labels_);
    } else {
      found_.lacks(std::string{catalog::gpu::own_memory.name} + ' ' + id_,
                   "the driver lists no memory of this process: it does not use the GPU, or has "
                   "another number outside of its container");
    }
  }

  collected& found_;
  const detail::nvml::functions& call_;
  detail::nvml::device device_;
  std::string id_;
  std::string name_ = {};
  attributes labels_ = {};
};

}  // namespace

struct gpu_collector::state {
  /// Null, with the reason in `found`, where there is none.
  const nvml_library* loaded(collected& found) {
    if (library) return &*library;
    std::string reason;
    if (auto made = nvml_library::load(options.library, reason)) {
      library.emplace(std::move(*made));
      return &*library;
    }
    found.lacks("hw.gpu", reason);
    return nullptr;
  }

  const gpu_collector_options options;
  std::optional<nvml_library> library = {};
};

gpu_collector::gpu_collector(gpu_collector_options options)
    : state_{new state{.options = std::move(options)}} {}
gpu_collector::~gpu_collector() = default;

std::chrono::nanoseconds gpu_collector::interval() const { return state_->options.interval; }

void gpu_collector::collect(collected& found, deadline until) {
  const nvml_library* const library = state_->loaded(found);
  if (library == nullptr) return;
  const auto& call = library->call();
  unsigned count = 0;
  if (const result code = call.count(&count); code != result::success) {
    found.lacks("hw.gpu", detail::nvml::reason_of(code));
    state_->library.reset();  // as after a new driver
    return;
  }
  if (count == 0) found.lacks("hw.gpu", "the driver knows of no GPU");
  if (count > state_->options.most_gpus) {
    found.lacks("hw.gpu",
                std::to_string(count - state_->options.most_gpus) + " of them are past most_gpus");
  }
  const auto wanted =
      static_cast<unsigned>(std::min<std::size_t>(count, state_->options.most_gpus));
  for (unsigned index = 0; index < wanted; ++index) {
    detail::nvml::device device = nullptr;
    const result code = call.handle(index, &device);
    const std::string id =
        code != result::success ? std::string{} : written_text([&](char* into, unsigned size) {
          return call.uuid(device, into, size);
        });
    if (id.empty()) {
      found.lacks("hw.gpu " + std::to_string(index),
                  code == result::success ? "the GPU has no UUID" : detail::nvml::reason_of(code));
    } else if (std::chrono::steady_clock::now() > until) {
      found.lacks("hw.gpu " + id, "there was no time left for it");
    } else {
      gpu_reader{found, *library, device, id}.read();
    }
  }
}

}  // namespace querytap
