#include "aster/proxy/forward.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "aster/http/failure.hpp"
#include "aster/http/upgraded_stream.hpp"
#include "aster/task/scope.hpp"

namespace aster::proxy {
namespace {

using http::client_failure;
using http::status;

constexpr std::size_t part_size = std::size_t{16} * 1024;  // of a body, at once
constexpr std::size_t least_part = std::size_t{1} * 1024;  // … of another protocol, at first
constexpr std::size_t copying_stack = std::size_t{16} * 1024;
constexpr std::size_t gathered = 16 * 1024;  // a body of known size up to here leaves with its head

/// RFC 9110 §9.2.2.
bool is_idempotent(http::method m) {
  switch (m) {
    case http::method::get:
    case http::method::head:
    case http::method::put:
    case http::method::delete_:
    case http::method::options:
    case http::method::trace: return true;
    case http::method::post:
    case http::method::patch:
    case http::method::connect:
    case http::method::other: return false;
  }
  return false;
}

[[noreturn]] void refuse(unavailable why) {
  std::string text;
  switch (why) {
    case unavailable::overloaded: text = "Too many requests wait for the service."; break;
    case unavailable::late: text = "No instance of the service is ready."; break;
    case unavailable::refused:
      text = "The service ends again and again, and is left alone for a while.";
      break;
  }
  throw http::failure{status::service_unavailable, std::move(text)};
}

[[noreturn]] void give_up(client_failure why) {
  if (why == client_failure::timed_out)
    throw http::failure{status::gateway_timeout, "The service does not answer."};
  throw http::failure{status::bad_gateway, "The service cannot be reached."};
}

/// The body of the request: as much as can be sent again, and whether that is all.
struct request_body {
  std::optional<std::uint64_t> size;  // nothing: chunked
  std::string first;
  bool is_whole = true;

  request_body(const http::request& request, const forward_options& options)
      : size(request.content_length()) {
    request.allow_body(options.most_body);
    if (size == 0u) return;
    const std::size_t room =
        size ? static_cast<std::size_t>(std::min<std::uint64_t>(*size, options.buffered)) : options.buffered;
    for (is_whole = false; first.size() < room;) {
      const std::size_t held = first.size();
      first.resize(std::min(room, held + part_size));
      const std::size_t got = request.read(std::as_writable_bytes(std::span{first}.subspan(held)));
      first.resize(held + got);
      if (got == 0) {
        is_whole = true;
        return;
      }
    }
    is_whole = size && first.size() == *size;
  }
};

class exchange {
 public:
  exchange(const http::request& request, http::response& response, upstream& to,
           const forward_options& options)
      : request_(request), response_(response), to_(to), options_(options), body_(request, options) {
    const std::string_view protocol = request.header("upgrade").value_or("");
    if (!protocol.empty() && request.offers_upgrade(protocol)) upgrade_ = protocol;
    lines_ = request_fields(request, options.fields, options.request_id, options.trace);
    // A body of unknown size that was read to its end has one now.
    if (body_.is_whole) body_.size = body_.first.size();
  }

  void run() {
    std::optional<task::time_point> patient_until;
    std::optional<net::endpoint> failed;
    for (unsigned tries = 1;;) {
      auto place = to_.take(failed ? &*failed : nullptr);
      if (!place) refuse(place.error());
      is_connected_ = is_refused_ = false;
      const auto result = attempt(*place);
      if (result) return;
      failed = place->where();
      if (is_refused_)
        place->unreachable();
      else
        place->failed();
      if (begun_ && !can_repeat()) give_up(result.error());
      // Whom nobody can connect to has seen nothing of the request: it may wait for a better time.
      if (!is_connected_) {
        if (!patient_until) patient_until = task::after(task::now(), options_.hold);
        if (task::now() < *patient_until) continue;
      }
      if (++tries > options_.tries) give_up(result.error());
    }
  }

  /// Part of the response may have been sent: only a connection that breaks off says that it is not whole.
  bool has_begun_to_answer() const { return begun_to_answer_; }

 private:
  bool can_repeat() const { return body_.is_whole && is_idempotent(request_.method()) && upgrade_.empty(); }

  /// One instance, and up to two connections to it: one that was kept may have been closed by now.
  std::expected<void, client_failure> attempt(upstream::place& place) {
    for (bool fresh = !can_repeat();; fresh = true) {
      auto link = place.connect(fresh);
      if (!link) {
        is_refused_ = link.error() != net::error::timed_out;  // a silent one may only be busy
        return std::unexpected(is_refused_ ? client_failure::unanswered : client_failure::timed_out);
      }
      begun_ = is_connected_ = true;
      const bool was_used = (*link)->is_used;
      const auto result = ask(place, *link);
      const bool was_old = was_used && !result && result.error() == client_failure::unanswered;
      if (!was_old || place.is_leaving()) return result;
    }
  }

  std::expected<void, client_failure> ask(upstream::place& place, std::unique_ptr<upstream::link>& link) {
    http::client_connection& server = link->http;
    const http::client_request head{.method = request_.method_text(),
                                    .target = options_.target.empty() ? request_.target() : options_.target,
                                    .host = request_.host(),
                                    .fields = lines_,
                                    .upgrade = upgrade_};
    if (body_.is_whole) {
      if (const auto sent = server.send(head, body_.first); !sent) return sent;
      if (const auto heard = server.receive(options_.answer); !heard) return heard;
      return answer(place, link);
    }
    if (const auto sent = server.begin(head, body_.size); !sent) return sent;
    if (const auto sent = server.write(body_.first); !sent) return sent;
    // The rest goes while the answer may already come.
    task::scope rest{"a request's body"};
    rest.spawn("a request's body", [&] { send_rest(server); });
    if (const auto heard = server.receive(options_.answer); !heard) return heard;
    return answer(place, link);
  }

  /// Ends early when the service takes no more: then its answer, or its silence, says why.
  void send_rest(http::client_connection& server) {
    std::vector<std::byte> part(part_size);
    for (;;) {
      const std::size_t got = request_.read(part);
      if (got == 0) break;
      if (!server.write({reinterpret_cast<const char*>(part.data()), got})) return;
    }
    static_cast<void>(server.finish());
  }

  std::expected<void, client_failure> answer(upstream::place& place, std::unique_ptr<upstream::link>& link) {
    const http::response_head& head = link->http.head();
    // A small body leaves with its head; and until it is there, another instance may still be asked.
    std::string small;
    const bool is_small = head.framing == http::framing::length && head.content_length <= gathered;
    if (is_small) {
      auto all = link->http.all();
      if (!all) return std::unexpected(all.error());
      small = std::move(*all);
    }
    if (head.status == status::switching_protocols && upgrade_.empty())
      throw http::failure{status::bad_gateway, "The service speaks another protocol, unasked."};
    response_.status(head.status);
    const std::string_view type = head.fields.find("content-type").value_or("");
    std::string fields = response_fields(head, options_.request_id);
    if (is_small) {
      response_.send(type, std::move(small)).fields(fields);
      place.succeeded(std::move(link));
      return {};
    }
    response_.fields(fields);
    if (head.status == status::switching_protocols) {
      switch_protocol(place, link);
      return {};
    }
    switch (head.framing) {
      case http::framing::none: send_nothing(head, type); break;
      case http::framing::length: {
        begun_to_answer_ = true;
        auto out = response_.stream(type, head.content_length);
        pass(link->http, out);
        break;
      }
      case http::framing::chunked:
      case http::framing::until_close: {
        begun_to_answer_ = true;
        auto out = response_.stream(type);
        pass(link->http, out);
        for (const auto [name, value] : link->http.trailers()) out.trailer(name, value);
        break;
      }
    }
    place.succeeded(std::move(link));
    return {};
  }

  /// A HEAD says how long the body would be.
  void send_nothing(const http::response_head& head, std::string_view type) {
    if (request_.method() == http::method::head && !http::has_no_body(head.status) && head.content_length > 0)
      static_cast<void>(response_.stream(type, head.content_length));
    else if (!type.empty())
      response_.send(type, std::string_view{});
  }

  static void pass(http::client_connection& server, http::body_writer& out) {
    const auto memory = std::make_unique_for_overwrite<std::byte[]>(part_size);
    const std::span<std::byte> part{memory.get(), part_size};
    for (;;) {
      const auto got = server.read(part);
      if (!got)
        throw http::disconnected{};  // only a connection that breaks off says that the body is not whole
      if (*got == 0) return;
      out.write(std::span<const std::byte>{part.first(*got)});
    }
  }

  void switch_protocol(upstream::place& place, std::unique_ptr<upstream::link>& link) {
    response_.upgrade(
        upgrade_, [held = std::move(place), server = std::move(link)](net::byte_stream& client) mutable {
          auto behind = server->http.upgraded();
          // One direction in this fiber, the other in one of its own.
          task::scope other{"a connection that was upgraded"};
          other.spawn("to the service", [&] { copy(client, behind); }, {.stack_size = copying_stack});
          copy(behind, client);
          other.join();
          held.succeeded(nullptr);
        });
  }

  /// Until one end has no more to say, which the other is told; a broken one breaks the other.
  static void copy(net::byte_stream& from, net::byte_stream& to) {
    std::vector<std::byte> part(least_part);  // such connections are many, and silent most of the time
    for (;;) {
      const auto got = from.read(part);
      if (!got) return to.abort();
      if (*got == 0) return to.shutdown_write();
      if (!to.write(std::span<const std::byte>{part}.first(*got))) return from.abort();
      if (*got == part.size() && part.size() < part_size) part.resize(part.size() * 2);
    }
  }

  const http::request& request_;
  http::response& response_;
  upstream& to_;
  const forward_options& options_;
  request_body body_;
  std::string_view upgrade_;
  std::string lines_;
  bool begun_to_answer_ = false;
  bool is_connected_ = false, is_refused_ = false;  // of this attempt
  bool begun_ = false;                              // something of the request may have reached a service
};

}  // namespace

void forward(const http::request& request, http::response& response, upstream& to,
             const forward_options& options) {
  exchange one{request, response, to, options};
  try {
    one.run();
  } catch (const http::failure&) {
    if (one.has_begun_to_answer()) throw http::disconnected{};
    throw;
  }
}

}  // namespace aster::proxy
