// The commands for a galaxy, as command_line.cpp declares the others.
#include <charconv>
#include <format>

#include "host/cli/command_declaration.hpp"

namespace aster::host::cli {
namespace {

void add_choice(CLI::App& app, galaxy_choice& which) {
  app.add_option("--galaxy", which.name, "the galaxy of this name; that of this folder when left out")
      ->type_name("NAME");
  app.add_option("--file", which.file, "the galaxy of this galaxy.toml")->type_name("FILE");
}

CLI::Option* add_lines(CLI::App& app, unsigned& lines, const char* summary) {
  return app.add_option("-n,--lines", lines, summary)->type_name("N");
}

/// "paste=3" and "paste=auto", into its two parts.
std::string read_scaling(scale_command& c, const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string wrong = std::format("'{}' is no SERVICE=N; write paste=3, or paste=auto", text);
  if (equals == text.npos || equals == 0) return wrong;
  c.service = text.substr(0, equals);
  const std::string_view number = std::string_view{text}.substr(equals + 1);
  if (number == "auto") return {};
  unsigned value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{} || end != number.data() + number.size() || value > 1000) return wrong;
  c.instances = value;
  return {};
}

void declare_up(CLI::App& app, command& result) {
  auto& c = as<up_command>(result);
  app.add_flag("-d,--detach", c.detached, "return when everything is well, and leave it running");
  app.add_option("--file", c.which.file, "the galaxy.toml; that of this folder or of one above when left out")
      ->type_name("FILE");
  app.add_flag("--no-build", c.no_build, "take the images as they are, without building projects");
  app.add_flag("--json", c.json, "with -d: the addresses, for a program to read");
}

void declare_down(CLI::App& app, command& result) { add_choice(app, as<down_command>(result).which); }

void declare_ps(CLI::App& app, command& result) {
  auto& c = as<ps_command>(result);
  app.add_flag("-i,--instances", c.instances, "a line for each instance");
  app.add_flag("-q,--quiet", c.quiet, "names alone");
  app.add_flag("--json", c.json, "everything, for a program to read");
  add_choice(app, c.which);
}

void declare_logs(CLI::App& app, command& result) {
  auto& c = as<logs_command>(result);
  app.add_option("SERVICE", c.services, "services or instances; all when left out");
  app.add_flag("-f,--follow", c.follow, "go on with what is written from now on");
  add_lines(app, c.lines, "so many lines of each instance that are there already; default 100");
  app.add_flag("--json", c.json, "a line of JSON for each line");
  add_choice(app, c.which);
}

void declare_events(CLI::App& app, command& result) {
  auto& c = as<events_command>(result);
  app.add_flag("-f,--follow", c.follow, "go on with what happens from now on");
  add_lines(app, c.lines, "the last so many; default 50");
  app.add_flag("--json", c.json, "a line of JSON for each event");
  add_choice(app, c.which);
}

void declare_restart(CLI::App& app, command& result) {
  auto& c = as<restart_command>(result);
  app.add_option("SERVICE", c.service, "whose instances end, one after the other, and are started anew")->required();
  add_choice(app, c.which);
}

void declare_scale(CLI::App& app, command& result) {
  auto& c = as<scale_command>(result);
  app.add_option_function<std::string>(
         "SERVICE",
         [&c](const std::string& text) {
           if (const std::string wrong = read_scaling(c, text); !wrong.empty()) throw CLI::ValidationError(wrong, CLI::ExitCodes::ValidationError);
         },
         "SERVICE=N, so many instances, or SERVICE=auto, as many as requests need")
      ->required();
  add_choice(app, c.which);
}

void declare_deploy(CLI::App& app, command& result) {
  auto& c = as<deploy_command>(result);
  app.add_option("SERVICE", c.service, "whose instances are replaced")->required();
  app.add_option("IMAGE", c.image, "the image that they shall be of, or the folder of a project")->required();
  app.add_flag("--json", c.json, "the version, for a program to read");
  add_choice(app, c.which);
}

void declare_rollback(CLI::App& app, command& result) {
  auto& c = as<rollback_command>(result);
  app.add_option("SERVICE", c.service, "whose version before is wanted back")->required();
  app.add_flag("--json", c.json, "the version, for a program to read");
  add_choice(app, c.which);
}

void declare_exec_console(CLI::App& app, command& result) {
  auto& c = as<exec_console_command>(result);
  app.add_option("INSTANCE", c.instance, "an instance, or a service that has one")->required();
  add_lines(app, c.lines, "so many lines that are there already; default 20");
  add_choice(app, c.which);
}

void declare_daemon(CLI::App& app, command& result) {
  auto& c = as<daemon_command>(result);
  app.add_option("--file", c.file, "the galaxy.toml; that of this folder or of one above when left out")
      ->type_name("FILE");
}

}  // namespace

std::vector<declaration> galaxy_declarations() {
  return {
      {"up", "Bring up the galaxy of a folder: many services as one site", "[OPTIONS]",
       "  aster up                             build, start, and show what instances say; Ctrl-C ends it\n"
       "  aster up -d                          return when everything is well\n"
       "  aster up -d --json | jq -r .url\n"
       "\n"
       "Once a galaxy is up, the same again does what has changed in its galaxy.toml.\n",
       declare_up},
      {"down", "End a galaxy: its services, its edge and its daemon", "[OPTIONS]",
       "  aster down\n"
       "  aster down --galaxy sample\n",
       declare_down},
      {"ps", "Show what a galaxy has, and how each service is", "[OPTIONS]",
       "  aster ps\n"
       "  aster ps --instances\n"
       "  aster ps --json | jq '.services[] | select(.state != \"well\")'\n",
       declare_ps},
      {"logs", "Show what instances have written", "[SERVICE...] [OPTIONS]",
       "  aster logs -f\n"
       "  aster logs --lines 20 paste chat-1\n"
       "  aster logs --json paste | jq -r .text\n",
       declare_logs},
      {"events", "Show what has happened in a galaxy", "[OPTIONS]",
       "  aster events -f\n"
       "  aster events --json -n 1000 | jq 'select(.kind == \"crashed\")'\n",
       declare_events},
      {"restart", "Start the instances of a service anew, one after the other", "SERVICE [OPTIONS]",
       "  aster restart paste\n",
       declare_restart},
      {"scale", "Say how many instances a service has", "SERVICE=N|auto [OPTIONS]",
       "  aster scale links=3\n"
       "  aster scale links=auto               as many as requests need, again\n",
       declare_scale},
      {"deploy", "Replace a service's instances by such of another image", "SERVICE IMAGE [OPTIONS]",
       "  aster deploy paste build/paste\n"
       "  aster deploy paste paste/            the image of that project\n"
       "\n"
       "An instance ends when the one in its place is well; when that does not become well, the image before\n"
       "stays. 'aster events -f' shows it.\n",
       declare_deploy},
      {"rollback", "Deploy the version of a service that was live before", "SERVICE [OPTIONS]",
       "  aster rollback paste\n",
       declare_rollback},
      {"exec-console", "Read and type on an instance's console", "INSTANCE [OPTIONS]",
       "  aster exec-console paste-1           Ctrl-D ends it; the instance goes on\n"
       "  echo status | aster exec-console paste\n",
       declare_exec_console},
      {"daemon", "Keep a galaxy in the foreground, as a system's service does", "[--file FILE]",
       "  aster daemon --file /srv/sample/galaxy.toml\n",
       declare_daemon},
  };
}

}  // namespace aster::host::cli
