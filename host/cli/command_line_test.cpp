#include "host/cli/command_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>

#include "host/cli/terminal.hpp"

using namespace aster::host::cli;

namespace {

std::expected<command, reply> parse(std::initializer_list<std::string_view> words) {
  return parse_command_line(std::span{words.begin(), words.size()});
}

reply refused(std::initializer_list<std::string_view> words) {
  const auto result = parse(words);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == 2);
  CHECK_FALSE(result.error().text.contains('\n'));
  return result.error();
}

template <class T>
T accepted(std::initializer_list<std::string_view> words) {
  const auto result = parse(words);
  REQUIRE_MESSAGE(result.has_value(), result.error().text);
  REQUIRE(std::holds_alternative<T>(*result));
  return std::get<T>(*result);
}

}  // namespace

TEST_CASE("run takes its options on either side of the image, and the program's arguments behind --") {
  const auto run =
      accepted<run_command>({"run", "-m", "8", "-p", "8080:80", "build/hello", "-p", "53:53/udp", "-e", "A=B",
                             "--on=qemu", "--strace", "--emulate", "--", "--on", "x", "--"});
  CHECK(run.image == "build/hello");
  CHECK(run.memory == "8");
  CHECK(run.ports == std::vector<std::string>{"8080:80", "53:53/udp"});
  CHECK(run.environment == std::vector<std::string>{"A=B"});
  CHECK(run.target == "qemu");
  CHECK(run.strace);
  CHECK(run.emulate);
  CHECK_FALSE(run.quiet);
  CHECK(run.arguments == std::vector<std::string>{"--on", "x", "--"});
}

TEST_CASE("run, inspect and symbolize without an image mean the project here") {
  CHECK_FALSE(accepted<run_command>({"run"}).image.has_value());
  CHECK_FALSE(accepted<run_command>({"run", "-q", "--", "a"}).image.has_value());
  CHECK_FALSE(accepted<inspect_command>({"inspect", "--json"}).image.has_value());
  CHECK_FALSE(accepted<symbolize_command>({"symbolize"}).image.has_value());
}

TEST_CASE("symbolize tells an offset from an image") {
  const auto offsets = accepted<symbolize_command>({"symbolize", "0x1", "2", "image+0x3"});
  CHECK_FALSE(offsets.image.has_value());
  CHECK(offsets.offsets == std::vector<std::string>{"0x1", "2", "image+0x3"});
  CHECK_FALSE(accepted<symbolize_command>({"symbolize", "image+0x3"}).image.has_value());
  CHECK(accepted<symbolize_command>({"symbolize", "./0x1", "2"}).image == "./0x1");
  CHECK(accepted<symbolize_command>({"symbolize", "image", "2"}).image == "image");
}

TEST_CASE("the other commands are read") {
  CHECK(accepted<new_command>({"new", "shop", "--template", "server"}).template_name == "server");
  CHECK(accepted<build_command>({"build"}).folder == ".");
  CHECK(accepted<inspect_command>({"inspect", "--json", "x"}).json);
  CHECK(accepted<symbolize_command>({"symbolize", "x", "0x1", "0x2"}).offsets.size() == 2);
  CHECK(accepted<version_command>({"--version"}).json == false);
  CHECK(accepted<completion_command>({"completion", "fish"}).shell == "fish");
}

TEST_CASE("commands for a galaxy take its name or its file, and services") {
  CHECK(accepted<up_command>({"up", "-d", "--file", "a/galaxy.toml"}).which.file == "a/galaxy.toml");
  CHECK(accepted<up_command>({"up", "-d"}).detached);
  CHECK(accepted<down_command>({"down", "--galaxy", "sample"}).which.name == "sample");
  CHECK(accepted<ps_command>({"ps", "--instances", "--json"}).json);
  const auto logs = accepted<logs_command>({"logs", "-f", "paste", "--lines", "5", "chat-1"});
  CHECK(logs.services == std::vector<std::string>{"paste", "chat-1"});
  CHECK(logs.lines == 5);
  CHECK(accepted<events_command>({"events", "-n", "3"}).lines == 3);
  CHECK(accepted<restart_command>({"restart", "paste"}).service == "paste");
  CHECK(accepted<scale_command>({"scale", "paste=3"}).instances == 3);
  CHECK(accepted<scale_command>({"scale", "paste=0"}).instances == 0);
  CHECK_FALSE(accepted<scale_command>({"scale", "paste=auto"}).instances.has_value());
  CHECK(accepted<scale_command>({"scale", "paste=auto"}).service == "paste");
  CHECK(accepted<deploy_command>({"deploy", "paste", "build/paste"}).image == "build/paste");
  CHECK(accepted<exec_console_command>({"exec-console", "paste-1"}).instance == "paste-1");
  CHECK(accepted<daemon_command>({"daemon", "--file", "x"}).file == "x");
  for (const char* wrong : {"paste", "=3", "paste=", "paste=x", "paste=-1", "paste=1001", "paste=3x"}) {
    CAPTURE(wrong);
    CHECK(refused({"scale", wrong}).text.contains("write paste=3, or paste=auto"));
  }
  CHECK(refused({"deploy", "paste"}).text ==
        "deploy: IMAGE is missing; write aster deploy SERVICE IMAGE [OPTIONS]");
  CHECK(refused({"restrat"}).text == "unknown command 'restrat'; did you mean 'restart'?");
}

TEST_CASE("what is mistyped gets a hint") {
  CHECK(refused({"rnu"}).text == "unknown command 'rnu'; did you mean 'run'?");
  CHECK(refused({"frobnicate"}).text == "unknown command 'frobnicate'; 'aster --help' lists them");
  CHECK(refused({"run", "--nte", "service=user"}).text ==
        "run: unknown option '--nte'; did you mean '--net'?");
  CHECK(refused({"run", "--publihs=80:80"}).text ==
        "run: unknown option '--publihs'; did you mean '--publish'?");
  CHECK(refused({"run", "--on", "sandbx"}).text == "run: --on 'sandbx' is unknown; did you mean 'sandbox'?");
  CHECK(refused({"new", "x", "--template", "zzz"}).text ==
        "new: --template 'zzz' is unknown; choose one of hello, server, web");
  CHECK(refused({"--frob"}).text == "unknown option '--frob'; a command comes first, see 'aster --help'");
}

TEST_CASE("what is missing or too much is named") {
  CHECK(refused({"new"}).text == "new: NAME is missing; write aster new NAME [--template KIND]");
  CHECK(refused({"build", "a", "b"}).text == "build: unexpected argument 'b'; see 'aster build --help'");
  CHECK(refused({"run", "--on"}).text == "run: --on: its value is missing; see 'aster run --help'");
  CHECK(refused({"run", "--on", "qemu", "--on", "sandbox"}).text ==
        "run: --on: given twice; see 'aster run --help'");
  for (const char* wrong : {"many", "-3", "1.5", ""}) {
    CAPTURE(wrong);
    CHECK(refused({"inspect", "x", "--symbols", wrong}).text.contains("--symbols"));
  }
  CHECK(refused({"build", "--", "x"}).text == "build: takes no arguments behind '--'");
}

TEST_CASE("every command has help with examples, and every option a summary") {
  for (const command_description& c : describe_commands()) {
    CAPTURE(c.name);
    const auto help = parse({c.name, "--help"});
    REQUIRE_FALSE(help.has_value());
    CHECK(help.error().code == 0);
    CHECK(help.error().text.contains("Usage: aster " + c.name));
    CHECK(help.error().text.contains("Examples:\n  "));
    for (const auto& o : c.options) {
      CAPTURE(o.names.front());
      CHECK_FALSE(o.summary.empty());
      CHECK(help.error().text.contains(o.summary));
    }
  }
  CHECK(parse({}).error().code == 0);
  CHECK(parse({"help", "run"}).error().text == parse({"run", "-h"}).error().text);
}

TEST_CASE("a line is cut to the width of the terminal, by characters") {
  CHECK(fit("hello", 5) == "hello");
  CHECK(fit("hello!", 5) == "hell…");
  CHECK(fit("größer", 6) == "größer");
  CHECK(fit("größer!", 6) == "größe…");
}
