#include "aster/websocket/extension.hpp"

#include <algorithm>

#include "aster/http/grammar.hpp"

namespace aster::websocket {
namespace {

/// Reads the field from the left.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_(text) {}

  bool at_end() {
    skip_blanks();
    return rest_.empty();
  }
  bool take(char c) {
    skip_blanks();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Empty when there is none.
  std::string_view token() {
    skip_blanks();
    const std::string_view found = rest_.substr(0, http::find_token_end(rest_, 0));
    rest_.remove_prefix(found.size());
    return found;
  }
  /// A token, or one in quotes: what is quoted must be a token when it is unescaped (RFC 6455 §9.1).
  std::optional<std::string> value() {
    if (!take('"')) {
      const std::string_view plain = token();
      if (plain.empty()) return std::nullopt;
      return std::string{plain};
    }
    std::string text;
    for (std::size_t at = 0; at < rest_.size(); ++at) {
      if (rest_[at] == '"') {
        rest_.remove_prefix(at + 1);
        if (!http::is_token(text)) return std::nullopt;
        return text;
      }
      if (rest_[at] == '\\' && ++at == rest_.size()) break;
      text += rest_[at];
    }
    return std::nullopt;
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && http::is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  std::string_view rest_;
};

/// 8 to 15, without a leading zero (RFC 7692 §7.1.2).
std::optional<window_bits> window_of(std::string_view text) {
  if (text == "8") return 8;
  if (text == "9") return 9;
  if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5') return 10 + (text[1] - '0');
  return std::nullopt;
}

/// False: such an offer is declined.
bool add_parameter(deflate_parameters& to, std::string_view name, const std::optional<std::string>& value) {
  const auto set_once = [](auto& what, auto to_what) { return !std::exchange(what, to_what); };
  if (http::equals_ignoring_case(name, "server_no_context_takeover"))
    return !value && set_once(to.server_no_context_takeover, true);
  if (http::equals_ignoring_case(name, "client_no_context_takeover"))
    return !value && set_once(to.client_no_context_takeover, true);
  const std::optional<window_bits> window = value ? window_of(*value) : std::nullopt;
  if (value && !window) return false;
  if (http::equals_ignoring_case(name, "server_max_window_bits"))
    return window && !std::exchange(to.server_max_window_bits, window);
  if (http::equals_ignoring_case(name, "client_max_window_bits")) {
    to.client_max_window_bits = window;
    return set_once(to.has_client_max_window_bits, true);
  }
  return false;
}

}  // namespace

std::expected<void, malformed_extensions> read_extensions(std::string_view field,
                                                          std::vector<deflate_parameters>& to) {
  scanner in{field};
  const std::unexpected malformed{malformed_extensions{}};
  for (;;) {
    if (in.at_end()) return {};
    if (in.take(',')) continue;  // lists may have empty elements (RFC 9110 §5.6.1.2)
    const std::string_view name = in.token();
    if (name.empty()) return malformed;
    deflate_parameters parameters;
    bool is_acceptable = http::equals_ignoring_case(name, "permessage-deflate");
    while (in.take(';')) {
      const std::string_view key = in.token();
      if (key.empty()) return malformed;
      std::optional<std::string> value;
      if (in.take('=') && !(value = in.value())) return malformed;
      is_acceptable = is_acceptable && add_parameter(parameters, key, value);
    }
    if (!in.at_end() && !in.take(',')) return malformed;
    if (is_acceptable) to.push_back(parameters);
  }
}

std::optional<deflate_parameters> answer_offer(const deflate_parameters& offer,
                                               const compression_options& options) {
  if (!options.is_offered) return std::nullopt;
  deflate_parameters answer;
  answer.server_no_context_takeover = offer.server_no_context_takeover || !options.keeps_context;
  // A client obeys this without having offered it (§7.1.1.2).
  answer.client_no_context_takeover = offer.client_no_context_takeover || !options.keeps_context;
  const window_bits window = std::clamp(options.window, least_deflate_window, largest_window);
  answer.server_max_window_bits = std::min(window, offer.server_max_window_bits.value_or(largest_window));
  if (*answer.server_max_window_bits < least_deflate_window) return std::nullopt;
  if (offer.has_client_max_window_bits) {
    answer.has_client_max_window_bits = true;
    answer.client_max_window_bits = std::min(window, offer.client_max_window_bits.value_or(largest_window));
  }
  return answer;
}

agreed_compression meaning_of(const deflate_parameters& answer) {
  return {.to_client = {.window = answer.server_max_window_bits.value_or(largest_window),
                        .keeps_context = !answer.server_no_context_takeover},
          .to_server = {.window = answer.client_max_window_bits.value_or(largest_window),
                        .keeps_context = !answer.client_no_context_takeover}};
}

std::string to_text(const deflate_parameters& parameters) {
  std::string text{"permessage-deflate"};
  if (parameters.server_no_context_takeover) text += "; server_no_context_takeover";
  if (parameters.client_no_context_takeover) text += "; client_no_context_takeover";
  if (parameters.server_max_window_bits)
    text.append("; server_max_window_bits=").append(std::to_string(*parameters.server_max_window_bits));
  if (parameters.has_client_max_window_bits) text += "; client_max_window_bits";
  if (parameters.client_max_window_bits)
    text.append("=").append(std::to_string(*parameters.client_max_window_bits));
  return text;
}

}  // namespace aster::websocket
