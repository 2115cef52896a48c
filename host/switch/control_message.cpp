#include "host/switch/control_message.hpp"

#include <format>
#include <span>

#include "aster/json/read.hpp"
#include "aster/json/write.hpp"

namespace aster::host::switch_control {
namespace {

/// The word that stands for a type, in the order of the variant's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<order>> order_words{
    "station", "remove", "rules", "publish", "unpublish", "answer", "probe", "traffic", "end"};
constexpr std::array<std::string_view, std::variant_size_v<event>> event_words{
    "state", "attached", "detached", "question", "probed", "traffic", "done", "failed"};

struct order_word {
  std::string do_;
};
struct event_word {
  std::string event;
};

constexpr json::options limits{.strict = false, .depth = 6, .memory = 4u << 20};

template <class Message, std::size_t I = 0>
std::expected<Message, std::string> read_as(std::string_view word, std::string_view line,
                                            std::span<const std::string_view> words) {
  if constexpr (I < std::variant_size_v<Message>) {
    if (words[I] != word) return read_as<Message, I + 1>(word, line, words);
    auto value = json::read<std::variant_alternative_t<I, Message>>(line, limits);
    if (!value) return std::unexpected(std::format("{}: {}", word, value.error().text()));
    return Message(std::in_place_index<I>, *std::move(value));
  } else {
    return std::unexpected("that word is none of this protocol's");
  }
}

template <class Message>
std::string write_with(std::string_view key, std::span<const std::string_view> words, const Message& what) {
  std::string line = std::format("{{\"{}\":\"{}\"", key, words[what.index()]);
  const std::string value = std::visit([](const auto& v) { return json::write(v); }, what);
  if (value != "{}") line += ',';
  line.append(value, 1);
  line += '\n';
  return line;
}

template <class Word>
std::expected<Word, std::string> read_word(std::string_view line) {
  if (line.size() >= line_limit) return std::unexpected("the line is too long");
  auto word = json::read<Word>(line, limits);
  if (!word) return std::unexpected(word.error().text());
  return *std::move(word);
}

}  // namespace

std::expected<order, std::string> read_order(std::string_view line) {
  const auto word = read_word<order_word>(line);
  if (!word) return std::unexpected(word.error());
  return read_as<order>(word->do_, line, order_words);
}

std::expected<event, std::string> read_event(std::string_view line) {
  const auto word = read_word<event_word>(line);
  if (!word) return std::unexpected(word.error());
  return read_as<event>(word->event, line, event_words);
}

std::string write(const order& what) { return write_with("do", order_words, what); }
std::string write(const event& what) { return write_with("event", event_words, what); }

}  // namespace aster::host::switch_control
