#include "host/galaxy/start_command.hpp"

#include <format>
#include <fstream>
#include <sstream>

#include "host/galaxy/instance_process.hpp"

namespace aster::host::galaxy {

namespace {

constexpr std::size_t secret_limit = 64 * 1024;

std::expected<std::string, std::string> read_secret(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::string content(secret_limit + 1, '\0');
  if (!in.read(content.data(), static_cast<std::streamsize>(content.size())) && !in.eof())
    return std::unexpected(std::format("secret {}: it cannot be read", file.string()));
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (content.size() > secret_limit)
    return std::unexpected(std::format("secret {}: it is larger than 64 KiB", file.string()));
  if (content.ends_with('\n')) content.pop_back();
  if (content.contains('\0'))
    return std::unexpected(std::format("secret {}: it has a NUL byte in it", file.string()));
  return content;
}

}  // namespace

std::expected<start_command, std::string> command_of(const action::start& what, std::string_view galaxy,
                                                     const std::string& device, const folders& places,
                                                     const std::filesystem::path& base) {
  start_command c;
  // -m takes whole MiB with a unit; what is declared may be finer.
  c.words = {"aster",    "run",
             "--name",   std::format("{}.{}", galaxy, what.instance),
             "--on",     std::string(to_string(what.how.target)),
             "-m",       std::format("{}M", (what.how.memory + (1u << 20) - 1) >> 20),
             "--net",    std::format("{}=switch:{},{}", device, places.frames().string(), what.token),
             "--record", places.record(what.instance).string()};
  for (const std::string& d : what.how.devices) {
    c.words.emplace_back("--net");
    c.words.push_back(d);
  }
  for (const std::string& variable : what.how.environment) {
    c.words.emplace_back("-e");
    c.words.push_back(variable);
  }
  for (const secret& s : what.how.secrets) {
    const auto value = read_secret(s.file.is_absolute() ? s.file : base / s.file);
    if (!value) return std::unexpected(value.error());
    c.secrets += s.variable + "=" + *value + '\0';
  }
  if (what.how.name == "edge") c.secrets += "ASTER_EDGE_TOKEN=" + what.token + '\0';
  if (!c.secrets.empty()) {
    c.words.emplace_back("--env-file");
    c.words.push_back(std::format("/dev/fd/{}", instance_process::secrets_descriptor));
  }
  c.words.push_back(what.file);
  if (!what.how.arguments.empty()) {
    c.words.emplace_back("--");
    c.words.insert(c.words.end(), what.how.arguments.begin(), what.how.arguments.end());
  }
  return c;
}

}  // namespace aster::host::galaxy
