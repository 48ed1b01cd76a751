#pragma once

#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <string>

namespace querytap::testing {

/// A text as the parser of the Python client reads it: each sample with its labels and exemplar.
[[nodiscard]] inline finished read_by_python(const std::string& text, const std::string& parser) {
  const temporary_folder folder;
  const std::string file = folder.path() / "metrics";
  const std::string script = folder.path() / "parse.py";
  std::ofstream{file, std::ios::binary} << text;
  std::ofstream{script}
      << "import sys\n"
         "from prometheus_client." +
             parser +
             " import "
             "text_string_to_metric_families as parse\n"
             "for f in parse(open(sys.argv[1], newline='').read()):\n"
             "  for s in f.samples:\n"
             "    e = getattr(s, 'exemplar', None)\n"
             "    print(f.name, f.type, s.name, sorted(s.labels.items()), s.value,\n"
             "          (e.labels['trace_id'], e.value, e.timestamp) if e else '')\n";
  finished result = run({"/usr/bin/python3", script, file});
  if (result.output.find("No module named") != std::string::npos) {
    FAIL("missing: apt-get install python3-prometheus-client");
  }
  return result;
}

}  // namespace querytap::testing
