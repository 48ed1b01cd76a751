#include "public_members.hpp"

#include <cctype>
#include <cstddef>
#include <stdexcept>

namespace querytap::testing {
namespace {

bool is_of_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_name(const std::string& token) { return is_of_word(token[0]) && token[0] > '9'; }

/// Words, `::` and single characters; comments, literals and what is for the preprocessor left out.
std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens;
  bool is_first_of_line = true;
  for (std::size_t at = 0; at < text.size();) {
    const auto rest = text.substr(at);
    if (rest[0] == '\n') {
      is_first_of_line = true;
      ++at;
    } else if (std::isspace(static_cast<unsigned char>(rest[0])) != 0) {
      ++at;
    } else if (rest.starts_with("//")) {
      at += std::min(rest.find('\n'), rest.size());
    } else if (rest.starts_with("/*")) {
      at += std::min(rest.find("*/"), rest.size() - 2) + 2;
    } else if (rest[0] == '#' && is_first_of_line) {
      std::size_t stop = 0;
      do {
        stop = std::min(rest.find('\n', stop + 1), rest.size());
      } while (stop < rest.size() && rest[stop - 1] == '\\');
      at += stop;
    } else if (rest[0] == '"' || rest[0] == '\'') {
      std::size_t stop = 1;
      while (stop < rest.size() && rest[stop] != rest[0]) stop += rest[stop] == '\\' ? 2 : 1;
      at += std::min(stop + 1, rest.size());
    } else {
      is_first_of_line = false;
      std::size_t size = 1;
      if (is_of_word(rest[0])) {
        while (size < rest.size() && is_of_word(rest[size])) ++size;
      } else if (rest.starts_with("::")) {
        size = 2;
      }
      tokens.emplace_back(rest.substr(0, size));
      at += size;
    }
  }
  return tokens;
}

class reader {
 public:
  reader(std::string_view header, std::string_view outermost, classes& found)
      : tokens_{tokens_of(header)}, outermost_{outermost}, found_{found} {}

  void read() { read_namespace({}); }

 private:
  [[nodiscard]] bool at_end() const { return at_ >= tokens_.size(); }
  [[nodiscard]] const std::string& token(std::size_t ahead = 0) const {
    static const std::string none;
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : none;
  }
  bool take(std::string_view expected) {
    if (token() != expected) return false;
    ++at_;
    return true;
  }

  /// From an opening bracket to behind its closing one.
  void skip_brackets() {
    std::string open;
    do {
      if (at_end()) throw std::runtime_error{"a bracket is not closed"};
      const char c = tokens_[at_++][0];
      if (c == '(' || c == '{' || c == '[') open += c;
      if (c == ')' || c == '}' || c == ']') open.pop_back();
    } while (!open.empty());
  }
  void skip_angles() {
    int depth = 0;
    do {
      if (at_end()) throw std::runtime_error{"a list of template parameters is not closed"};
      if (token() == "(" || token() == "{") {
        skip_brackets();
        continue;
      }
      depth += token() == "<" ? 1 : token() == ">" ? -1 : 0;
      ++at_;
    } while (depth > 0);
  }
  /// Behind the end of a declaration whose name does not matter.
  void skip_declaration() {
    while (!at_end() && token() != ";" && token() != "}") {
      if (token() == "{") {
        skip_brackets();
        if (token() != "," && token() != "{") break;
      } else if (token() == "(") {
        skip_brackets();
      } else {
        ++at_;
      }
    }
    take(";");
  }

  void read_namespace(const std::string& name) {
    while (!at_end() && !take("}")) {
      if (take("namespace")) {
        std::string inner;
        while (!at_end() && token() != "{" && token() != ";") inner += tokens_[at_++];
        if (take("{"))
          read_namespace(name.empty() ? inner : name + "::" + inner);
        else
          take(";");
      } else if (take("template")) {
        skip_angles();
        if (token() == "requires") skip_requirement();
      } else if (is_class_definition()) {
        read_class(name);
      } else {
        skip_declaration();
      }
    }
  }

  void skip_requirement() {
    ++at_;
    if (token() == "(") return skip_brackets();
    while (token() == "requires") {
      ++at_;
      if (token() == "(") skip_brackets();
      if (token() == "{") skip_brackets();
    }
  }

  /// A definition, not a declaration or a specialisation, of a class.
  [[nodiscard]] bool is_class_definition() const {
    if (token() != "class" && token() != "struct") return false;
    for (std::size_t ahead = 1;; ++ahead) {
      if (token(ahead) == "{" || token(ahead) == ":") return true;
      if (token(ahead) == ";" || token(ahead) == "<" || token(ahead) == "(" || token(ahead).empty())
        return false;
    }
  }

  void read_class(const std::string& scope) {
    bool is_public = take("struct");
    if (!is_public) ++at_;
    std::string name;
    while (token() != "{" && token() != ":") {
      if (token() != "final") name = token();
      ++at_;
    }
    class_members members;
    if (take(":")) read_bases(is_public, members);
    ++at_;
    while (!at_end() && !take("}")) read_member(is_public, members);
    take(";");
    const bool is_inside = scope == outermost_ || scope.starts_with(outermost_ + "::");
    if (!is_inside) return;
    found_[scope.size() > outermost_.size() ? scope.substr(outermost_.size() + 2) + "::" + name
                                            : name] = members;
  }

  void read_bases(bool is_public, class_members& members) {
    bool shows = is_public;
    std::string name;
    const auto add = [&] {
      if (shows && !name.empty()) members.bases.push_back(name);
      shows = is_public;
      name.clear();
    };
    while (!at_end() && token() != "{") {
      if (take(",")) {
        add();
      } else if (take("public")) {
        shows = true;
      } else if (take("private") || take("protected")) {
        shows = false;
      } else if (token() == "<") {
        skip_angles();
      } else {
        if (token() != "virtual") name = token() == "::" ? name : token();
        ++at_;
      }
    }
    add();
  }

  void read_member(bool& is_public, class_members& members) {
    for (const std::string_view access : {"public", "protected", "private"}) {
      if (token() != access || token(1) != ":") continue;
      is_public = access == "public";
      at_ += 2;
      return;
    }
    if (take("template")) {
      skip_angles();
      if (token() == "requires") skip_requirement();
      return;
    }
    if (token() == "friend") return skip_declaration();
    if (is_class_definition()) {
      classes inner;
      reader nested{*this, inner};
      nested.read_class(outermost_);
      at_ = nested.at_;
      if (is_public && !inner.empty()) members.names.insert(inner.begin()->first);
      return;
    }
    if (token() == "enum") return read_enumeration(is_public, members);
    read_declaration(is_public, members);
  }

  reader(const reader& other, classes& found)
      : tokens_{other.tokens_}, outermost_{other.outermost_}, found_{found}, at_{other.at_} {}

  void read_enumeration(bool is_public, class_members& members) {
    while (token() != "{" && token() != ";") {
      if (is_public && is_name(token()) && token() != "enum" && token() != "class")
        members.names.insert(token());
      ++at_;
    }
    if (take("{")) {
      for (bool is_next = true; !take("}"); ++at_) {
        if (is_next && is_public && is_name(token())) members.names.insert(token());
        is_next = token() == ",";
      }
    }
    take(";");
  }

  void read_declaration(bool is_public, class_members& members) {
    std::string name;
    bool is_function = false;
    bool is_fixed = false;  // the name is known
    bool is_deleted = false;
    while (!at_end() && token() != ";" && token() != "}") {
      if (token() == "operator" && !is_function) {
        name = tokens_[at_++];
        if (token() == "(" && token(1) == ")") {
          name += "()";
          at_ += 2;
        } else {
          for (; !at_end() && token() != "(" && token() != ";"; ++at_)
            name += is_name(token()) ? ' ' + token() : token();
        }
        is_fixed = true;
      } else if (token() == "(") {
        is_function = true;
        is_fixed = true;
        skip_brackets();
      } else if (token() == "{") {
        skip_brackets();
        is_fixed = true;
        if (is_function && token() != ",") break;
      } else if (token() == ":" && is_function) {
        read_initialisers();
        break;
      } else if (token() == "<" && !is_fixed) {
        skip_angles();
      } else if (token() == "[") {
        skip_brackets();
      } else {
        if (token() == "=" && token(1) == "delete") is_deleted = true;
        if (token() == "=") is_fixed = true;
        if (!is_fixed && is_name(token())) name = (token_before() == "~" ? "~" : "") + token();
        ++at_;
      }
    }
    take(";");
    if (is_public && !is_deleted && !name.empty() && name[0] != '~') members.names.insert(name);
  }
  [[nodiscard]] std::string token_before() const { return at_ == 0 ? "" : tokens_[at_ - 1]; }

  /// `: a{1}, b(2) { … }`
  void read_initialisers() {
    do {
      ++at_;
      while (token() != "(" && token() != "{") {
        if (token() == "<") {
          skip_angles();
        } else {
          ++at_;
        }
      }
      skip_brackets();
    } while (token() == ",");
    if (token() == "{") skip_brackets();
  }

  std::vector<std::string> tokens_;
  std::string outermost_;
  classes& found_;
  std::size_t at_ = 0;
};

}  // namespace

void add_classes(std::string_view header, std::string_view outermost, classes& found) {
  reader{header, outermost, found}.read();
}

}  // namespace querytap::testing
