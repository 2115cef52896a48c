#include "host/cli/completion.hpp"

#include <format>

namespace aster::host::cli {
namespace {

std::string joined(std::span<const std::string> words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string{separator}) + word;
  return text;
}

std::string command_words(std::span<const command_description> commands) {
  std::vector<std::string> names;
  for (const auto& c : commands) names.push_back(c.name);
  return joined(names, " ");
}

std::string option_words(const command_description& c) {
  std::vector<std::string> names;
  for (const auto& o : c.options) names.insert(names.end(), o.names.begin(), o.names.end());
  return joined(names, " ");
}

/// What a command's first positional is completed with: its few choices, nothing for a name to invent, files.
/// A running instance is known by its socket (host/run/runtime_folder.hpp), whose name ends in the pid.
enum class positional { none, choices, invented, instances, services, folders, files };

constexpr std::string_view instance_names =
    "ls \"${XDG_RUNTIME_DIR:-/nowhere}/asterism\" /tmp/asterism-$UID 2>/dev/null | sed -n "
    "'s/\\.[0-9][0-9]*$//p'";

/// Of the galaxy of this folder, if it is up.
constexpr std::string_view service_names = "aster ps --quiet 2>/dev/null";

positional positional_of(const command_description& c) {
  if (c.positionals.empty()) return positional::none;
  if (!c.positionals.front().choices.empty()) return positional::choices;
  if (c.positionals.front().names.front() == "NAME") return positional::invented;
  if (c.positionals.front().names.front() == "INSTANCE") return positional::instances;
  if (c.positionals.front().names.front() == "SERVICE") return positional::services;
  return c.positionals.front().names.front() == "DIR" ? positional::folders : positional::files;
}

/// Whether an option's value is a path, as its name in the help says.
bool is_path(const option_description& o) {
  return o.value.ends_with("FILE") || o.value.ends_with("DIR") || o.value == "PATH";
}

/// Quotes for zsh's _arguments and fish: neither brackets, colons nor quotes of either kind.
std::string plain(std::string_view summary) {
  std::string text;
  for (const char c : summary) {
    if (c == '\'' || c == '"') continue;
    if (c == '[' || c == ']' || c == ':') text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

std::string bash_completion(std::span<const command_description> commands) {
  std::string text = std::format(
      "# bash completion for aster\n"
      "_aster() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} i\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '{} help' -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    if [ \"${{COMP_WORDS[i]}}\" = -- ]; then compopt -o default; return; fi\n"
      "  done\n"
      "  case ${{COMP_WORDS[1]}} in\n",
      command_words(commands));
  for (const auto& c : commands) {
    text += std::format("    {})\n      case $before in\n", c.name);
    for (const auto& o : c.options) {
      if (o.value.empty()) continue;
      text += std::format("        {}) ", joined(o.names, "|"));
      text += is_path(o)          ? "compopt -o default; return ;;\n"
              : o.choices.empty() ? "return ;;\n"
                                  : std::format("COMPREPLY=($(compgen -W '{}' -- \"$word\")); return ;;\n",
                                                joined(o.choices, " "));
    }
    text += std::format(
        "      esac\n"
        "      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W '{}' -- \"$word\")); return; fi\n",
        option_words(c));
    switch (positional_of(c)) {
      case positional::none:
      case positional::invented: text += "      ;;\n"; break;
      case positional::choices:
        text += std::format("      COMPREPLY=($(compgen -W '{}' -- \"$word\")) ;;\n",
                            joined(c.positionals.front().choices, " "));
        break;
      case positional::instances:
        text += std::format("      COMPREPLY=($(compgen -W \"$({})\" -- \"$word\")) ;;\n", instance_names);
        break;
      case positional::services:
        text += std::format("      COMPREPLY=($(compgen -W \"$({})\" -- \"$word\")); compopt -o default ;;\n",
                            service_names);
        break;
      case positional::folders: text += "      compopt -o dirnames ;;\n"; break;
      case positional::files: text += "      compopt -o default ;;\n"; break;
    }
  }
  return text + "  esac\n}\ncomplete -F _aster aster\n";
}

std::string zsh_completion(std::span<const command_description> commands) {
  std::string text =
      "#compdef aster\n"
      "# zsh completion for aster\n"
      "_aster_instances() {\n"
      "  compadd -- $(" +
      std::string(instance_names) +
      ")\n"
      "}\n"
      "_aster_services() {\n"
      "  compadd -- $(" +
      std::string(service_names) +
      ")\n"
      "}\n"
      "_aster() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const auto& c : commands) text += std::format("    '{}:{}'\n", c.name, plain(c.summary));
  text +=
      "  )\n"
      "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
      "  local command=$words[2]\n"
      "  shift words; (( CURRENT-- ))\n"
      "  case $command in\n";
  for (const auto& c : commands) {
    text += std::format("    {}) _arguments", c.name);
    for (const auto& o : c.options) {
      const std::string repeat = o.summary.contains("repeat for more") ? "*" : "";
      const std::string value = o.value.empty() ? ""
                                : is_path(o)    ? std::format(":{}:_files", plain(o.value))
                                : o.choices.empty()
                                    ? std::format(":{}:", plain(o.value))
                                    : std::format(":{}:({})", plain(o.value), joined(o.choices, " "));
      for (const std::string& name : o.names)
        text += std::format(" \\\n      '{}{}[{}]{}'", repeat, name, plain(o.summary), value);
    }
    switch (positional_of(c)) {
      case positional::none: break;
      case positional::invented: text += " \\\n      '1:name:'"; break;
      case positional::choices:
        text += std::format(" \\\n      '1:shell:({})'", joined(c.positionals.front().choices, " "));
        break;
      case positional::instances: text += " \\\n      '1:instance:_aster_instances'"; break;
      case positional::services:
        text += " \\\n      '1:service:_aster_services' \\\n      '*:more:_files'";
        break;
      case positional::folders: text += " \\\n      '1:folder:_files -/'"; break;
      case positional::files: text += " \\\n      '1:image:_files'"; break;
    }
    text += " ;;\n";
  }
  // Works both as a file on $fpath, which zsh runs to complete, and sourced.
  return text +
         "  esac\n}\n"
         "if [ \"$funcstack[1]\" = _aster ]; then _aster \"$@\"; else compdef _aster aster; fi\n";
}

std::string fish_completion(std::span<const command_description> commands) {
  std::string text = "# fish completion for aster\ncomplete -c aster -f\n";
  for (const auto& c : commands)
    text +=
        std::format("complete -c aster -n __fish_use_subcommand -a {} -d \"{}\"\n", c.name, plain(c.summary));
  for (const auto& c : commands) {
    const std::string here = std::format("complete -c aster -n '__fish_seen_subcommand_from {}'", c.name);
    for (const auto& o : c.options) {
      std::string line = here;
      for (const std::string& name : o.names)
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!o.value.empty())
        line += is_path(o)          ? " -rF"
                : o.choices.empty() ? " -x"
                                    : std::format(" -xa \"{}\"", joined(o.choices, " "));
      std::string summary = o.summary;
      std::erase(summary, '"');
      text += std::format("{} -d \"{}\"\n", line, summary);
    }
    switch (positional_of(c)) {
      case positional::none:
      case positional::invented: break;
      case positional::choices:
        text += std::format("{} -a \"{}\"\n", here, joined(c.positionals.front().choices, " "));
        break;
      case positional::instances:
        text += here +
                " -a \"(command ls $XDG_RUNTIME_DIR/asterism /tmp/asterism-(id -u) 2>/dev/null | sed -n "
                "'s/\\.[0-9]*\\$//p')\"\n";
        break;
      case positional::services: text += std::format("{} -a \"({})\"\n", here, service_names); break;
      case positional::folders: text += here + " -a \"(__fish_complete_directories)\"\n"; break;
      case positional::files: text += here + " -F\n"; break;
    }
  }
  return text;
}

}  // namespace aster::host::cli
