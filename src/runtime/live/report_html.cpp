// The page as one file: its script, its style and the views that it can show.

#include "report_formats.hpp"
#include "web_assets.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {
namespace {

constexpr std::size_t most_saved_rows = 500;
constexpr std::size_t most_saved_details = 100;  // of statements and of requests

view_query saved_query(std::string view, std::chrono::seconds window, std::string id = {}) {
  return {.view = std::move(view), .id = std::move(id), .window = window, .limit = most_saved_rows};
}

// Nothing in the data may end the element that it stands in.
std::string as_text_of_script(std::string text) {
  for (std::size_t at = 0; (at = text.find('<', at)) != text.npos; at += 6)
    text.replace(at, 1, "\\u003c");
  return text;
}

// Copies: views are added to the object that the rows are a part of.
std::vector<std::string> first_ids(const json& rows, const char* key) {
  std::vector<std::string> ids;
  for (const json& row : rows) {
    if (ids.size() == most_saved_details) break;
    if (!row.contains(key)) continue;
    ids.push_back(row[key].is_string() ? row[key].get<std::string>() : row[key].dump());
  }
  return ids;
}

void replace_once(std::string& text, std::string_view known, const std::string& replacement) {
  text.replace(text.find(known), known.size(), replacement);
}

}  // namespace

std::string page_script() {
  std::string script;
  for (const std::string_view part : page_scripts) script += part;
  return script;
}

json report_json(view_data& shown, std::chrono::seconds window) {
  json views = json::object();
  for (const char* view : {"overview", "statements", "requests", "pools", "running", "findings",
                           "health", "servers", "library"}) {
    views[view] = render_view(saved_query(view, window), shown);
  }
  const auto add_each = [&](const std::string& view, const std::vector<std::string>& ids) {
    for (const std::string& id : ids)
      views[view + '/' + id] = render_view(saved_query(view, window, id), shown);
  };
  add_each("statement", first_ids(views["statements"]["data"]["rows"], "fingerprint"));
  add_each("request", first_ids(views["requests"]["data"]["rows"], "number"));
  return {{"views", std::move(views)}};
}

std::string report_html(view_data& shown, std::chrono::seconds window) {
  std::string page{page_document};
  replace_once(page, "script-src 'self'", fmt::format("script-src 'sha256-{}'", page_script_hash));
  replace_once(page, "style-src 'self'", fmt::format("style-src 'sha256-{}'", page_style_hash));
  replace_once(page, " connect-src 'self';", "");
  replace_once(page, "<link rel=\"stylesheet\" href=\"style.css\">",
               fmt::format("<style>{}</style>", page_style_sheet));
  replace_once(page, "<script src=\"app.js\" defer></script>\n", "");
  replace_once(
      page, "</body>",
      fmt::format("<script type=\"application/json\" id=\"data\">{}</script>\n"
                  "<script>{}</script>\n</body>",
                  as_text_of_script(json_line(report_json(shown, window))), page_script()));
  return page;
}

}  // namespace querytap::detail
