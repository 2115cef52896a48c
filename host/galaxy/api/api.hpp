// The galaxy's API: HTTP on a Unix socket for the command line, and on a loopback port for the star map.
//
//   serve_api(galaxy, {.socket = run / "api", .logs = state / "logs", .memory = state / "page.json"});   //
//   parks
//
//   GET /galaxy[?follow=1]                    what there is (galaxy_status)
//   GET /events?after=N[&limit=N][&follow=1]  what has happened
//   GET /logs?service=S&lines=100[&follow=1]  what instances have said
//   POST /services/{s}/restart, scale, deploy, rollback; GET /services/{s}/deployments
//   GET /instances/{i}/stats, console; POST /instances/{i}/console
//   POST /up, /down; GET /metrics, /openapi.json, /page, /
//
// What follows is NDJSON, a line for each thing, with an empty one every 15 s; for who accepts
// text/event-stream it is a stream of server-sent events. Errors are problem documents (RFC 9457). Who may
// ask is decided by one function (authorise.hpp).
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "aster/http/request.hpp"
#include "aster/http/response.hpp"
#include "host/galaxy/galaxy.hpp"

namespace aster::host::galaxy {

struct api_options {
  std::filesystem::path socket;             // where the command line asks; its folder is there
  std::uint32_t page_address = 0x7f000001;  // IPv4 in host byte order, of this machine alone
  std::uint16_t page_port = 0;              // 0: the one remembered, else any
  std::string token;                        // of the page; empty: the one remembered, else a new one
  std::filesystem::path memory;  // a file that keeps port and token over restarts; empty: none is kept
  std::filesystem::path logs;    // folder of INSTANCE.log, for instances that are gone; empty: none
};

/// Serves until the fiber is cancelled or the program is asked to stop. Parks; throws task::cancelled, and
/// std::runtime_error when a socket cannot be opened. Where only the page's port is taken, another one is.
void serve_api(galaxy& of, const api_options& options);

/// How a request came in.
enum class entrance : std::uint8_t {
  socket,  // the Unix socket, from a peer that was looked at when it connected
  page,    // the loopback port
};

/// The application behind one of the two: an http::handler. For `serve_api`, and for tests.
class api {
 public:
  /// `of` must outlive it. `origin`: "http://127.0.0.1:PORT" of the page; empty when there is none.
  api(galaxy& of, entrance by, std::string origin, std::string token, std::filesystem::path logs);
  ~api();

  void operator()(const http::request& req, http::response& res) const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// The OpenAPI 3.1 document, made from the types of the routes.
const std::string& openapi();

}  // namespace aster::host::galaxy
