// aster new, aster build
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <print>

#include "host/cli/perform.hpp"
#include "host/cli/progress_line.hpp"
#include "host/cli/terminal.hpp"
#include "host/project/build_project.hpp"
#include "host/project/new_project.hpp"
#include "host/words/quantity.hpp"

namespace aster::host::cli {
int perform(const new_command& c) {
  const auto kind = c.template_name == "web"      ? project_template::web
                    : c.template_name == "server" ? project_template::server
                                                  : project_template::hello;
  if (const auto made = make_project(kind, ".", c.name); !made) return complain("new: " + made.error());
  std::println("{} is made. Next:\n\n  cd {}\n  aster build\n  aster run{}", c.name, c.name,
               kind == project_template::hello ? "" : " -p 8080:80");
  return 0;
}

int perform(const build_command& c) {
  const auto start = std::chrono::steady_clock::now();
  const terminal errors{2};
  progress_line progress;
  bool announced = false;
  const build_observer observer{
      [&](unsigned done, unsigned all, std::string_view step) {
        if (!errors.interactive() && !announced) {
          std::println(stderr, "Building {}", std::filesystem::weakly_canonical(c.folder).string());
          announced = true;
        }
        progress.show(all == 0 ? std::string{step} : std::format("[{}/{}] {}", done, all, step));
      },
      [&](std::string_view line) {
        progress.clear();
        std::println(stderr, "{}", line);
      }};
  const auto images = build_project({c.folder, c.verbose, errors.colours()}, observer);
  progress.clear();
  if (!images) return complain("build: " + images.error());
  if (images->empty()) {
    return complain(
        "build: the project has no image; add asterism_image(NAME main.cpp) to its CMakeLists.txt");
  }
  const terminal screen{1};
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  for (const built_image& image : *images) {
    std::println("{}  {}", screen.paint(image.path.lexically_normal().string(), colour::bold),
                 to_bytes_text(image.size));
  }
  std::println(stderr, "{}", errors.paint(std::format("built in {:.1f} s", taken.count()), colour::dim));
  return 0;
}

}  // namespace aster::host::cli
