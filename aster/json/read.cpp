#include "aster/json/read.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <vector>

#include "aster/json/utf8.hpp"
#include "aster/json/write.hpp"

#define JSON_NO_IO 1
#include <nlohmann/json.hpp>

namespace aster::json {

std::string error::text() const {
  std::string result = path.empty() ? "the text" : path;
  result.append(" ").append(message).append(" (line ");
  detail::append_whole(result, line);
  result += ", column ";
  detail::append_whole(result, column);
  result += ')';
  return result;
}

namespace detail {
namespace {

/// The parser reads through it, so that it is known how far it has got.
class cursor {
 public:
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  using iterator_category = std::input_iterator_tag;

  cursor(const char* at, const char** reached) : at_(at), reached_(reached) {}
  const char& operator*() const { return *at_; }
  cursor& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  cursor operator++(int) {
    cursor before = *this;
    ++*this;
    return before;
  }
  bool operator==(const cursor& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

constexpr std::size_t most_of_a_name = 64;  // in a message: bytes of a name that the client chose

constexpr bool is_number_char(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/// Takes what the parser finds and puts it where the tables say.
class sink {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  sink(std::string_view text, const reader& how, void* to, const options& with)
      : text_(text), reached_(text.data()), root_{&how, to}, options_(with) {}

  cursor begin() { return {text_.data(), &reached_}; }
  cursor end() { return {text_.data() + text_.size(), &reached_}; }
  std::optional<error>& wrong() { return wrong_; }

  bool null() {
    in_number_ = false;
    return scalar([&](const place& at) {
      if (at.how->disengage == nullptr) return unfit(at);
      at.how->disengage(at.to);
      return true;
    });
  }
  bool boolean(bool value) {
    in_number_ = false;
    return scalar([&](const place& at) {
      return at.how->boolean != nullptr ? put(at, at.how->boolean(at.to, value)) : unfit(at);
    });
  }
  bool number_integer(number_integer_t value) {
    return whole(value < 0,
                 value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value));
  }
  bool number_unsigned(number_unsigned_t value) { return whole(false, value); }
  bool number_float(number_float_t value, const string_t& digits) {
    in_number_ = true;
    return scalar([&](const place& at) {
      if (at.how->number != nullptr) return put(at, at.how->number(at.to, value));
      // The parser makes these of whole numbers beyond 64 bits too.
      const bool is_whole = digits.find_first_of(".eE") == std::string::npos;
      return at.how->whole != nullptr && is_whole ? put(at, outcome::range) : unfit(at);
    });
  }
  bool string(string_t& value) {
    in_number_ = false;
    return scalar([&](const place& at) {
      return at.how->text != nullptr ? put(at, at.how->text(at.to, value), true) : unfit(at);
    });
  }
  bool binary(binary_t&) { return false; }  // not in JSON

  bool start_array(std::size_t) { return start(shape::list); }
  bool end_array() {
    return end([&](const frame& top) {
      return top.how->fixed_size == 0 || top.index == top.how->fixed_size || wrong_size(top);
    });
  }
  bool start_object(std::size_t) { return start(shape::object); }
  bool key(string_t& name) {
    in_number_ = false;
    if (passed_over_ != 0) return true;
    frame& top = frames_.back();
    if (top.how->shape == shape::map) {
      top.key = name;
      return key_of_map(top);
    }
    top.current = nullptr;
    for (std::size_t i = 0; i < top.how->members.size(); ++i) {
      if (top.how->members[i].name != name) continue;
      top.current = &top.how->members[i];
      if ((top.seen >> i & 1) != 0) return fail("is there twice");
      top.seen |= std::uint32_t{1} << i;
    }
    if (top.current != nullptr || !options_.strict) return true;
    top.key = name;
    return fail("is unknown");
  }
  bool end_object() {
    return end([&](frame& top) {
      for (std::size_t i = 0; i < top.how->members.size(); ++i) {
        if ((top.seen >> i & 1) != 0 || top.how->members[i].how->shape == shape::optional) continue;
        top.current = &top.how->members[i];
        return fail("is missing");
      }
      return true;
    });
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) {
    // "[…] parse error at line 1, column 2: syntax error while parsing value - invalid literal; last read: …"
    std::string_view why = e.what();
    const std::size_t dash = why.find(" - ");
    why =
        dash == std::string_view::npos ? std::string_view{"a number is out of range"} : why.substr(dash + 3);
    why = why.substr(0, why.find("; last read"));
    in_number_ = false;
    malformed(std::string{"is not JSON: "}.append(why), 0);
    // Of a text that was cut off, the place is where more should have come, not the last thing that did.
    if (why.starts_with("unexpected end of input") || why.contains("missing closing quote"))
      locate(text_.data() + text_.size());
    return false;
  }

  bool fail(std::string message) { return fail(std::move(message), frames_.size()); }
  bool fail(std::string message, std::size_t frames) {
    wrong_.emplace();
    wrong_->path = path(frames);
    wrong_->message = std::move(message);
    locate(token_begin());
    return false;
  }
  bool malformed(std::string message, std::size_t frames) {
    fail(std::move(message), frames);
    wrong_->is_malformed = true;
    return false;
  }

 private:
  /// Says that what is wrong is here.
  void locate(const char* at) {
    const std::string_view before{text_.data(), static_cast<std::size_t>(at - text_.data())};
    wrong_->line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
    wrong_->column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  }

  /// Where a value goes; without a reader it is passed over.
  struct place {
    const reader* how = nullptr;
    void* to = nullptr;
  };
  /// A list or an object that has begun.
  struct frame {
    const reader* how;
    void* to;
    std::size_t index = 0;            // of the next element
    std::uint32_t seen = 0;           // a bit for each member
    const member* current = nullptr;  // whose value is next
    void* element = nullptr;          // of a map
    std::string key{};                // of a map, or a member that is unknown
  };

  bool whole(bool negative, std::uint64_t magnitude) {
    in_number_ = true;
    return scalar([&](const place& at) {
      return at.how->whole != nullptr ? put(at, at.how->whole(at.to, negative, magnitude)) : unfit(at);
    });
  }

  /// Finds out where the value that comes now goes. False: nowhere, and it was said why.
  bool next(place& at) {
    if (frames_.empty()) {
      at = root_;
      return true;
    }
    frame& top = frames_.back();
    switch (top.how->shape) {
      case shape::list:
        if (!charge(top.how->element->size)) return false;
        at = {top.how->element, top.how->add(top.to, top.index)};
        if (at.to == nullptr) return wrong_size(top);
        ++top.index;
        return true;
      case shape::map: at = {top.how->element, top.element}; return true;
      case shape::object:
        at = top.current == nullptr ? place{} : place{top.current->how, top.current->at(top.to)};
        return true;
      case shape::boolean:
      case shape::whole:
      case shape::number:
      case shape::text:
      case shape::raw:
      case shape::optional: break;  // these have no values in them
    }
    return false;
  }

  /// A value without others in it: found its place, `use` puts it there.
  template <class Use>
  bool scalar(Use use) {
    if (passed_over_ != 0) return true;
    place at;
    if (!next(at)) return false;
    if (at.how == nullptr) return true;
    if (at.how->shape == shape::raw) {
      as<raw>(at.to).text.assign(token_begin(), token_end());
      return true;
    }
    if (at.how->shape == shape::optional && *token_begin() != 'n') enter(at);
    return use(at);
  }

  /// From an optional to the value in it.
  static void enter(place& at) {
    while (at.how->shape == shape::optional && at.how->engage != nullptr)
      at = {at.how->element, at.how->engage(at.to)};
  }

  bool start(shape what) {
    in_number_ = false;
    if (++depth_ > options_.depth) return malformed("lies too deep", frames_.size());
    if (passed_over_ != 0) {
      ++passed_over_;
      return true;
    }
    place at;
    if (!next(at)) return false;
    if (at.how != nullptr) enter(at);
    if (at.how == nullptr || at.how->shape == shape::raw) {
      passed_over_ = 1;
      kept_ = at.how == nullptr ? nullptr : at.to;
      kept_from_ = reached_ - 1;
      return true;
    }
    const bool fits = at.how->shape == what || (at.how->shape == shape::map && what == shape::object);
    if (!fits) return unfit(at);
    if (at.how->clear != nullptr) at.how->clear(at.to);
    frames_.push_back({.how = at.how, .to = at.to});
    return true;
  }

  template <class Check>
  bool end(Check check) {
    in_number_ = false;
    --depth_;
    if (passed_over_ != 0) {
      if (--passed_over_ == 0 && kept_ != nullptr) as<raw>(kept_).text.assign(kept_from_, reached_);
      return true;
    }
    if (!check(frames_.back())) return false;
    frames_.pop_back();
    return true;
  }

  bool key_of_map(frame& top) {
    if (!charge(top.how->size)) return false;
    switch (top.how->insert(top.to, top.key, top.element)) {
      case outcome::taken: return true;
      case outcome::twice: return fail("is there twice");
      case outcome::unfit:
      case outcome::range:
      case outcome::full: break;
    }
    return fail("has a name of the wrong form");
  }

  bool charge(std::size_t bytes) {
    memory_ += bytes;
    return memory_ <= options_.memory || malformed("has too many elements", frames_.size());
  }

  bool put(const place& at, outcome what, bool is_text = false) {
    switch (what) {
      case outcome::taken: return true;
      case outcome::range: return fail("is out of range");
      case outcome::unfit:
        // A string it was, and of the wrong form.
        if (is_text && at.how->describe == nullptr) return fail("is not of the right form");
        break;
      case outcome::twice:
      case outcome::full: break;  // of maps and lists
    }
    return unfit(at);
  }

  bool unfit(const place& at) {
    const reader* how = at.how;
    while (how->shape == shape::optional && how->element != nullptr) how = how->element;
    std::string message{"should be "};
    if (how->describe != nullptr)
      how->describe(message);
    else
      message += how->wanted;
    return fail(std::move(message));
  }

  bool wrong_size(const frame& of) {
    std::string message{"should have "};
    append_whole(message, of.how->fixed_size);
    return fail(message.append(of.how->fixed_size == 1 ? " element" : " elements"), frames_.size() - 1);
  }

  /// The token just read ends where the parser is, or a byte before: a number is known to end only by what is
  /// behind it.
  const char* token_end() const {
    return in_number_ && !is_number_char(reached_[-1]) ? reached_ - 1 : reached_;
  }
  const char* token_begin() const {
    const char* const first = text_.data();
    const char* at = token_end();
    if (at == first) return at;
    --at;
    if (in_number_) {
      while (at != first && is_number_char(at[-1])) --at;
    } else if (*at == '"') {
      const auto is_escaped = [&](const char* quote) {
        const char* before = quote;
        while (before != first && before[-1] == '\\') --before;
        return (quote - before) % 2 != 0;
      };
      while (at != first && (*--at != '"' || is_escaped(at))) {
      }
    } else {
      while (at != first && *at >= 'a' && *at <= 'z' && at[-1] >= 'a' && at[-1] <= 'z') --at;  // true, null
    }
    return at;
  }

  /// The steps through the first `count` lists and objects.
  std::string path(std::size_t count) const {
    std::string result;
    for (const frame& f : std::span{frames_}.first(count)) {
      if (f.how->shape == shape::list) {
        result += '[';
        append_whole(result, f.index - 1);
        result += ']';
        continue;
      }
      if (!result.empty()) result += '.';
      std::string_view name = f.current != nullptr ? f.current->name : std::string_view{f.key};
      for (std::size_t room = most_of_a_name; !name.empty();) {  // whole characters
        const std::size_t size = std::max(character_size(name), std::size_t{1});
        if (size > room) break;
        result += name.substr(0, size);
        name.remove_prefix(size);
        room -= size;
      }
      if (!name.empty()) result += "...";
    }
    return result;
  }

  std::string_view text_;
  const char* reached_;
  place root_;
  const options& options_;
  std::vector<frame> frames_;
  std::size_t depth_ = 0;
  std::size_t memory_ = 0;
  bool in_number_ = false;
  std::size_t passed_over_ = 0;  // how deep inside of what is passed over
  void* kept_ = nullptr;         // the raw that it goes into
  const char* kept_from_ = nullptr;
  std::optional<error> wrong_;
};

}  // namespace

std::optional<error> read_into(std::string_view text, const reader& how, void* to, const options& with) {
  sink into{text, how, to, with};
  // The parser takes a NUL for the end of the text.
  if (text.contains('\0')) {
    into.malformed("is not JSON: it has a NUL byte in it", 0);
  } else if (!nlohmann::json::sax_parse(into.begin(), into.end(), &into) && !into.wrong()) {
    into.malformed("is not JSON", 0);
  }
  return std::move(into.wrong());
}

}  // namespace detail
}  // namespace aster::json
