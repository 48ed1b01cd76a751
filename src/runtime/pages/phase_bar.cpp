#include "phase_bar.hpp"

#include "html.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

namespace querytap::detail {

std::string phase_bar(const phase_times& phases) {
  const std::chrono::nanoseconds total = phases.total();
  if (total.count() <= 0) return {};
  std::string bar;
  std::string legend;
  for (std::size_t i = 0; i < phases.spent.size(); ++i) {
    const std::chrono::nanoseconds spent = phases.spent[i];
    if (spent.count() <= 0) continue;
    const double share = percent(spent, total);
    bar += fmt::format("<i class=\"phase{}\" style=\"width:{:.2f}%\"></i>", i, share);
    legend +=
        fmt::format("<span><i class=\"dot phase{}\"></i>{} {} ({})</span> ", i,
                    to_string(static_cast<phase>(i)), human_duration(spent), percent_text(share));
  }
  return fmt::format("<div class=\"bar\">{}</div><p class=\"legend\">{}</p>", bar, legend);
}

}  // namespace querytap::detail
