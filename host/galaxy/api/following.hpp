// Answers that go on: what there is, what has happened and what instances say, one JSON text after the other.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "aster/web/request.hpp"
#include "aster/web/response.hpp"
#include "host/galaxy/api/messages.hpp"
#include "host/galaxy/galaxy.hpp"

namespace aster::host::galaxy {

struct log_selection {
  std::vector<std::string> services;  // empty, and no instance: all
  std::vector<std::string> instances;
  std::size_t lines = 100;  // of each instance, of what is there already
  bool follow = false;
};

/// The galaxy now, and with `follow` again each time it has changed. `page`: what it says of the star map.
web::response follow_status(const web::request& req, galaxy& of, std::string page);

/// Events behind number `after`; with `follow`, those to come too.
web::response follow_events(const web::request& req, galaxy& of, std::uint64_t after, std::size_t limit,
                            bool follow);

/// Lines of consoles. `folder` has the logs of instances that are gone; empty: none.
web::response follow_logs(const web::request& req, galaxy& of, log_selection which,
                          std::filesystem::path folder);

/// What an instance has written, as it is.
web::response follow_console(std::filesystem::path log, std::size_t lines, bool follow);

/// "paste" of "paste-2"; empty for what is no instance's name.
std::string_view service_of(std::string_view instance);

}  // namespace aster::host::galaxy
