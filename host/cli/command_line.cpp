#include "host/cli/command_line.hpp"

#include <algorithm>
#include <format>

#include "host/cli/command_declaration.hpp"
#include "host/words/suggestion.hpp"

namespace aster::host::cli {
namespace {

/// Values of options that are one of a few words.
const std::vector<std::string>* choices_of(std::string_view option) {
  static const std::vector<std::string> targets{"auto", "process",      "sandbox",
                                                "qemu", "qemu-microvm", "qemu-q35"};
  static const std::vector<std::string> templates{"hello", "server", "web"};
  static const std::vector<std::string> shells{"bash", "zsh", "fish"};
  if (option == "--on") return &targets;
  if (option == "--template") return &templates;
  if (option == "SHELL") return &shells;
  return nullptr;
}

constexpr const char* image_summary = "the image; that of the project in this directory when left out";

void declare_new(CLI::App& app, command& result) {
  auto& c = as<new_command>(result);
  app.add_option("NAME", c.name, "folder to make, and name of the image")->required();
  app.add_option("--template", c.template_name, "what to begin with: hello (default), server or web")
      ->type_name("KIND");
}

void declare_build(CLI::App& app, command& result) {
  auto& c = as<build_command>(result);
  app.add_option("DIR", c.folder, "the project; the current directory when left out");
  app.add_flag("-v,--verbose", c.verbose, "show every command");
}

void declare_run(CLI::App& app, command& result) {
  auto& c = as<run_command>(result);
  app.add_option("IMAGE", c.image, image_summary);
  app.add_option("--name", c.name,
                 "what `aster stats` calls this instance; the image's file name when left out")
      ->type_name("NAME");
  app.add_option("--on", c.target, "where: auto (default), process, sandbox, qemu, qemu-microvm, qemu-q35")
      ->type_name("TARGET");
  app.add_option("-m,--memory", c.memory, "memory: 8 or 8M for 8 MiB, 1G for one GiB; default 64M")
      ->type_name("SIZE");
  add_list(app, "-p,--publish", c.ports,
           "a port of this machine that leads to one of the image; repeat for more")
      ->type_name("[ADDR:]HOST:GUEST[/udp]");
  add_list(
      app, "--net", c.networks,
      "attach a network device: NAME=user, NAME=tap:INTERFACE or NAME=switch:SOCKET,TOKEN; repeat for more")
      ->type_name("NAME=NETWORK");
  app.add_option("--ip", c.address,
                 "address of the only network device: A.B.C.D/LEN[,gateway=A][,dns=A], or dhcp")
      ->type_name("ADDRESS");
  add_list(app, "--live", c.live,
           "development: serve what asterism_crunch took from DIR, or the folder NAME, from disk, and reload "
           "pages; repeat for more")
      ->type_name("[NAME=]DIR");
  add_list(app, "-e,--env", c.environment, "set an environment variable; repeat for more")
      ->type_name("NAME=VALUE");
  app.add_option(
         "--env-file", c.environment_file,
         "set the variables in FILE, one on each line, or each ended by a NUL byte; -e goes before them")
      ->type_name("FILE");
  app.add_option("--record", c.record, "write the exit code to FILE when the image has ended")
      ->type_name("FILE");
  add_list(app, "--pcap", c.captures,
           "record the frames of all network devices, or of NAME, as pcapng; - is standard output; repeat "
           "for more")
      ->type_name("[NAME=]FILE");
  app.add_option("--pcap-snap", c.capture_snap, "record so many bytes of each frame; all when left out")
      ->type_name("BYTES");
  app.add_option("--pcap-limit", c.capture_limit,
                 "record until the file has this size: 8 or 8M for 8 MiB, 1G")
      ->type_name("SIZE");
  app.add_option("--pcap-ring", c.capture_ring,
                 "keep the last N frames in memory, and write them only when the image panics or is killed")
      ->type_name("N");
  app.add_flag("--strace", c.strace, "print every system call that the program and its libraries make");
  app.add_flag("-q,--quiet", c.quiet, "say nothing but what the image says");
  app.add_flag("--emulate", c.emulate, "QEMU without KVM, also where this machine has it");
  app.add_flag("--debug", c.debug, "let gdb attach to the sandbox");
}

void declare_crunch(CLI::App& app, command& result) {
  auto& c = as<crunch_command>(result);
  app.add_option("DIR", c.folder, "the directory whose files go into an image");
  app.add_option("--name", c.name, "namespace and name of what is written; default assets")
      ->type_name("NAME");
  app.add_option(
         "-o,--output", c.output,
         "directory to write NAME.hpp, NAME.cpp and NAME.bin to; with -f the file to write, - for standard "
         "output")
      ->type_name("PATH");
  app.add_flag("--hidden", c.hidden, "take hidden files and editors' backups too");
  app.add_option("--depfile", c.depfile, "write what the result depends on, for Ninja and Make")
      ->type_name("FILE");
  add_list(app, "-f,--file", c.files,
           "write this file as a constant, NAME or what its name gives; -:FILE when there is a colon in it; "
           "repeat "
           "for more")
      ->type_name("[NAME:]FILE");
  app.add_flag("-a,--array", c.array, "with -f: an array of strings, one for each line (default)");
  app.add_flag("-l,--list", c.list, "with -f: an initializer_list of strings");
  app.add_flag("-s,--string", c.string, "with -f: one string");
  app.add_option("-c,--cols", c.columns, "with -f: bytes per line, 1 to 256; default 16")->type_name("N");
  app.add_flag("-u,--uppercase", c.uppercase, "with -f: hex digits in upper case");
  app.add_flag("--with-comments", c.comments, "with -f: show each line as text too");
  add_list(app, "--checksums", c.checksums,
           "with -f: write the files' digests to this file too; md5, sha1, sha224, sha256 (default), sha384, "
           "sha512; "
           "repeat for more")
      ->type_name("[DIGEST:]FILE");
  app.add_flag("--force", c.force, "with -f: overwrite what is there");
  app.add_flag("-q,--quiet", c.quiet, "say nothing");
  app.add_flag("--json", c.json, "what was written, for a program to read");
}

void declare_inspect(CLI::App& app, command& result) {
  auto& c = as<inspect_command>(result);
  app.add_option("IMAGE", c.image, image_summary);
  app.add_option("--symbols", c.symbols, "how many of the largest symbols to list; default 15")
      ->type_name("N")
      ->check(CLI::Validator(
          [](const std::string& text) {
            const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
            return digits ? std::string{} : std::format("'{}' is not a number", text);
          },
          ""));
  app.add_flag("--json", c.json, "everything, for a program to read");
}

void declare_stats(CLI::App& app, command& result) {
  auto& c = as<stats_command>(result);
  app.add_option("INSTANCE", c.instance,
                 "name or pid of what runs; may be left out when only one does, and in a galaxy's folder");
  app.add_option("--galaxy", c.galaxy, "of this galaxy; that of the folder when left out")->type_name("NAME");
  app.add_flag("-c,--connections", c.connections,
               "list what is open, as ss does: queues, round trip, window, retransmissions");
  app.add_flag("-f,--fibers", c.fibers, "list the fibers, and what each waits for");
  app.add_flag("-a,--all", c.all, "counters that are zero, too");
  app.add_option("-n,--limit", c.limit, "most connections or fibers; default 1000")->type_name("N");
  app.add_flag("-w,--watch", c.watch, "again each second, with rates");
  app.add_flag("--json", c.json, "everything, for a program to read");
  app.add_flag("--prometheus", c.prometheus,
               "as Prometheus reads it; of all that run when INSTANCE is left out");
}

void declare_symbolize(CLI::App& app, command& result) {
  auto& c = as<symbolize_command>(result);
  app.add_option("IMAGE", c.image, image_summary);
  app.add_option("OFFSET", c.offsets,
                 "offsets from its base, in hex; standard input is filtered when left out");
}

void declare_version(CLI::App& app, command& result) {
  auto& c = as<version_command>(result);
  app.add_flag("--json", c.json, "for a program to read");
}

void declare_completion(CLI::App& app, command& result) {
  auto& c = as<completion_command>(result);
  app.add_option("SHELL", c.shell, "bash, zsh or fish")->required();
}

const std::vector<declaration>& declarations() {
  static const std::vector<declaration> all = [] {
    std::vector<declaration> each{
      {"new", "Make a project that builds and has a test", "NAME [--template KIND]",
       "  aster new hello\n"
       "  aster new shop --template web\n",
       declare_new},
      {"build", "Build the project in a directory", "[DIR]",
       "  aster build\n"
       "  aster build ~/projects/shop\n",
       declare_build},
      {"run", "Run an image on the best target that this machine offers", "[IMAGE] [OPTIONS] [-- ARGUMENTS]",
       "  aster run                                   the project in this directory\n"
       "  aster run -p 8080:80 build/shop             then open http://localhost:8080\n"
       "  aster run --on qemu -m 16 build/hello -- a b\n"
       "  aster run --live site -p 8080:80 build/shop edit site/, and the page follows\n"
       "  aster run --pcap - -p 8080:80 build/shop | wireshark -k -i -\n"
       "  aster run --pcap fall.pcapng --pcap-ring 1000 -p 8080:80 build/shop\n"
       "  aster run --net service=tap:tap0 --ip 10.0.0.2/24,gateway=10.0.0.1 build/shop\n"
       "\n"
       "The exit code is the program's own; 125 when the image could not be started, 134 after a panic,\n"
       "137 out of memory.\n",
       declare_run},
      {"crunch", "Write files as C++, to lie in an image", "DIR|-f [NAME:]FILE... [OPTIONS]",
       "  aster crunch site -o build                  then build/assets.hpp has assets::style_css\n"
       "  aster crunch --json site | jq '.files[].brotli'\n"
       "  aster crunch -f logo:picture.png -o logo.hpp\n"
       "  aster crunch -f greeting.txt -s -c 8 --with-comments\n"
       "\n"
       "In CMake, asterism_crunch(TARGET DIR) does the first of these whenever a file changes.\n",
       declare_crunch},
      {"inspect", "Tell what an image is, and what makes it big", "[IMAGE] [OPTIONS]",
       "  aster inspect\n"
       "  aster inspect --json build/hello | jq .libraries\n",
       declare_inspect},
      {"stats", "Tell what a running image counts, and what is open in it", "[INSTANCE] [OPTIONS]",
       "  aster stats                          of the only one that runs\n"
       "  aster stats shop --watch\n"
       "  aster stats --galaxy sample          of all its instances\n"
       "  aster stats paste-1                  of one, in the galaxy's folder\n"
       "  aster stats shop --connections       as ss does\n"
       "  aster stats shop --json | jq .counters.tcp_retransmissions\n"
       "  aster stats --prometheus > /var/lib/node_exporter/asterism.prom\n",
       declare_stats},
      {"symbolize", "Turn addresses of an image into functions and lines", "[IMAGE] [OFFSET...]",
       "  aster symbolize 0x8d0a1                               of the project in this directory\n"
       "  aster symbolize build/hello 0x8d0a1\n"
       "  journalctl -u hello | aster symbolize build/hello     lines with image+0x8d0a1\n",
       declare_symbolize},
      {"version", "Tell versions, and what this machine can run images on", "[--json]",
       "  aster version\n"
       "  aster version --json | jq .targets\n",
       declare_version},
      {"completion", "Print a script that completes this command in a shell", "bash|zsh|fish",
       "  source <(aster completion bash)\n"
       "  aster completion zsh > ~/.zfunc/_aster\n"
       "  aster completion fish > ~/.config/fish/completions/aster.fish\n",
       declare_completion},
    };
    // Behind the commands for one image stand those for many.
    const auto version = std::ranges::find(each, std::string_view{"version"}, &declaration::name);
    each.insert_range(version, galaxy_declarations());
    return each;
  }();
  return all;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names{"help"};
  for (const declaration& d : declarations()) names.push_back(d.name);
  return names;
}

command_description describe(const declaration& d, const CLI::App& app) {
  command_description result{d.name, d.summary, d.usage, d.examples, {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    option_description o;
    if (option->get_positional()) {
      o.names.push_back(option->get_name(true, false));
    } else {
      for (const std::string& name : option->get_snames()) o.names.push_back("-" + name);
      for (const std::string& name : option->get_lnames()) o.names.push_back("--" + name);
      if (option->get_items_expected_max() > 0) o.value = option->get_type_name();
    }
    o.summary = option->get_description();
    if (const auto* choices = choices_of(o.names.back())) o.choices = *choices;
    (option->get_positional() ? result.positionals : result.options).push_back(std::move(o));
  }
  return result;
}

std::string joined(const std::vector<std::string>& names, std::string_view separator) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : std::string{separator}) + name;
  return text;
}

std::string label_of(const option_description& option) {
  const bool only_long = option.names.front().starts_with("--");
  return (only_long ? "    " : "") + joined(option.names, ", ") +
         (option.value.empty() ? "" : " " + option.value);
}

std::string help_of(const command_description& d) {
  std::size_t width = 0;
  for (const auto& o : d.positionals) width = std::max(width, o.names.front().size());
  for (const auto& o : d.options) width = std::max(width, std::min<std::size_t>(label_of(o).size(), 28));
  std::string text = std::format("{}.\n\nUsage: aster {} {}\n\n", d.summary, d.name, d.usage);
  for (const auto& o : d.positionals)
    text += std::format("  {:<{}}  {}\n", o.names.front(), width, o.summary);
  if (!d.positionals.empty()) text += "\n";
  for (const auto& o : d.options) {
    const std::string label = label_of(o);
    // A label too long for its column has the line for itself.
    text += label.size() > width ? std::format("  {}\n  {:<{}}  {}\n", label, "", width, o.summary)
                                 : std::format("  {:<{}}  {}\n", label, width, o.summary);
  }
  return text + "\nExamples:\n" + d.examples;
}

std::string help_of_all() {
  std::string text =
      "aster builds one C++ program into one bootable image, and runs it, or a galaxy of them.\n\n"
      "Usage: aster COMMAND [OPTIONS]\n\n";
  for (const declaration& d : declarations()) text += std::format("  {:<12} {}\n", d.name, d.summary);
  return text +
         "\n'aster COMMAND --help' tells more about one.\n\n"
         "Examples:\n"
         "  aster new hello && cd hello && aster build && aster run\n"
         "  aster run -p 8080:80 build/shop\n"
         "  aster up -d && aster ps\n";
}

reply usage_error(std::string text) { return {2, std::move(text)}; }

reply unknown_command(std::string_view word) {
  const auto near = suggestion(word, command_names());
  return usage_error(near ? std::format("unknown command '{}'; did you mean '{}'?", word, *near)
                          : std::format("unknown command '{}'; 'aster --help' lists them", word));
}

reply unexpected_word(const command_description& d, const std::string& word) {
  if (!word.starts_with('-'))
    return usage_error(
        std::format("{}: unexpected argument '{}'; see 'aster {} --help'", d.name, word, d.name));
  std::vector<std::string> known;
  for (const auto& o : d.options) known.insert(known.end(), o.names.begin(), o.names.end());
  const std::string flag = word.substr(0, word.find('='));
  if (const auto near = suggestion(flag, known))
    return usage_error(std::format("{}: unknown option '{}'; did you mean '{}'?", d.name, flag, *near));
  return usage_error(std::format("{}: unknown option '{}'; see 'aster {} --help'", d.name, flag, d.name));
}

/// The value of `--on` and its like must be one of the few.
std::optional<reply> check_choice(const command_description& d, std::string_view option,
                                  const std::string& value) {
  const auto* choices = choices_of(option);
  if (choices == nullptr || std::ranges::contains(*choices, value)) return std::nullopt;
  const auto near = suggestion(value, *choices);
  return usage_error(std::format("{}: {} '{}' is unknown; {}", d.name, option, value,
                                 near ? std::format("did you mean '{}'?", *near)
                                      : std::format("choose one of {}", joined(*choices, ", "))));
}

std::optional<reply> check_choices(const command_description& d, const command& c) {
  if (const auto* n = std::get_if<new_command>(&c)) return check_choice(d, "--template", n->template_name);
  if (const auto* r = std::get_if<run_command>(&c)) return check_choice(d, "--on", r->target);
  if (const auto* s = std::get_if<completion_command>(&c)) return check_choice(d, "SHELL", s->shell);
  return std::nullopt;
}

/// Without an image, an offset is the first word: nobody names an image like that, or writes ./0x12.
void tell_offsets_apart(command& c) {
  auto* s = std::get_if<symbolize_command>(&c);
  if (s == nullptr || !s->image) return;
  const std::string first = s->image->string();
  if (!first.starts_with("0x") && !first.starts_with("0X") && !first.starts_with("image+0x")) return;
  s->offsets.insert(s->offsets.begin(), first);
  s->image.reset();
}

/// CLI11's "--on: At Most 1 required but received 2" and the like, as a person would say it.
std::string plain_words(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  const std::string option = text.substr(0, text.find(':'));
  if (text.contains(": At Most 1 required")) return option + ": given twice";
  if (text.contains(": 1 required") && text.ends_with(" missing")) return option + ": its value is missing";
  return text;
}

std::expected<command, reply> parse_command(const declaration& d, std::span<const std::string_view> words) {
  CLI::App app;
  app.allow_extras();
  command result;
  d.declare(app, result);
  app.set_help_flag("-h,--help", "show this help");
  const command_description description = describe(d, app);

  // What stands behind "--" is the program's, and CLI11 shall not see it.
  const auto separator = std::ranges::find(words, "--");
  std::vector<std::string> own(words.begin(), separator);
  std::ranges::reverse(own);  // CLI11 takes them from the back
  try {
    app.parse(std::move(own));
  } catch (const CLI::CallForHelp&) {
    return std::unexpected{reply{0, help_of(description)}};
  } catch (const CLI::RequiredError& error) {
    // "IMAGE is required", of whichever it is.
    const std::string text = error.what();
    const std::string missing = text.substr(0, text.find_first_of(": "));
    return std::unexpected{usage_error(
        std::format("{}: {} is missing; write aster {} {}", d.name, missing, d.name, description.usage))};
  } catch (const CLI::ParseError& error) {
    return std::unexpected{
        usage_error(std::format("{}: {}; see 'aster {} --help'", d.name, plain_words(error.what()), d.name))};
  }
  const std::vector<std::string> unexpected = app.remaining();
  // A mistyped option explains a word left over behind it.
  auto culprit =
      std::ranges::find_if(unexpected, [](const std::string& word) { return word.starts_with('-'); });
  if (culprit == unexpected.end()) culprit = unexpected.begin();
  if (culprit != unexpected.end()) return std::unexpected{unexpected_word(description, *culprit)};
  tell_offsets_apart(result);
  if (auto wrong = check_choices(description, result)) return std::unexpected{*std::move(wrong)};

  if (separator != words.end()) {
    auto* run = std::get_if<run_command>(&result);
    if (run == nullptr)
      return std::unexpected{usage_error(std::format("{}: takes no arguments behind '--'", d.name))};
    run->arguments.assign(separator + 1, words.end());
  }
  return result;
}

}  // namespace

std::vector<command_description> describe_commands() {
  std::vector<command_description> all;
  for (const declaration& d : declarations()) {
    CLI::App app;
    command ignored;
    d.declare(app, ignored);
    app.set_help_flag("-h,--help", "show this help");
    all.push_back(describe(d, app));
  }
  return all;
}

std::expected<command, reply> parse_command_line(std::span<const std::string_view> words) {
  const std::string_view first = words.empty() ? "--help" : words.front();
  if (first == "--version") return version_command{};
  if (first == "help" && words.size() > 1) {
    const std::string_view help[] = {words[1], "--help"};
    return parse_command_line(help);
  }
  if (first == "help" || first == "--help" || first == "-h") return std::unexpected{reply{0, help_of_all()}};
  if (first.starts_with('-'))
    return std::unexpected{
        usage_error(std::format("unknown option '{}'; a command comes first, see 'aster --help'", first))};
  const auto found = std::ranges::find(declarations(), first, &declaration::name);
  if (found == declarations().end()) return std::unexpected{unknown_command(first)};
  return parse_command(*found, words.subspan(1));
}

}  // namespace aster::host::cli
