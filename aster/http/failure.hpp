// How a handler gives up: by an exception that unwinds it, after which the server says the rest.
//
//   if (!found) throw http::failure{http::status::not_found, "no such note"};
//
// Reading a body does the same when the client has broken its message, so that a handler reads as if nothing
// could go wrong.
#pragma once
#include <exception>
#include <string>
#include <utility>

#include "aster/http/status.hpp"

namespace aster::http {

/// The request is answered with this status, and `text` as plain text (the reason phrase when it is empty).
/// What the handler had put into the response is dropped.
class failure : public std::exception {
 public:
  explicit failure(http::status status, std::string text = {}) : status_(status), text_(std::move(text)) {}
  http::status status() const noexcept { return status_; }
  const std::string& text() const noexcept { return text_; }
  const char* what() const noexcept override {
    return text_.empty() ? reason(status_).data() : text_.c_str();
  }

 private:
  http::status status_;
  std::string text_;
};

/// The client is gone: there is nobody to answer. Thrown by what reads a body or writes a streamed one.
class disconnected : public std::exception {
 public:
  const char* what() const noexcept override { return "client disconnected"; }
};

}  // namespace aster::http
