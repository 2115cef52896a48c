#include "aster/http/connection.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>

#include "abi/platform.hpp"
#include "aster/http/failure.hpp"
#include "aster/http/request.hpp"
#include "aster/http/upgraded_stream.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/shed_stack.hpp"

namespace aster::http {
namespace {

/// After so much silence a connection gives back what it can: a request later costs some allocations, and
/// one that never comes costs next to nothing.
constexpr limits::duration brief_silence = std::chrono::seconds{1};

constexpr std::size_t linger_limit = 1024 * 1024;  // bytes read and dropped after a refusal

void note(std::string_view text) { abi::current_platform().note(text.data(), text.size()); }

/// Says that a handler failed, at which request, and why.
void note_failure(const request_head& head, const char* why) {
  std::string text{"http: "};
  text.append(head.method_text.substr(0, 16))
      .append(" ")
      .append(head.path.substr(0, 128))
      .append(": ")
      .append(why);
  note(text);
}

}  // namespace

void connection_list::push_back(connection& c) noexcept {
  c.previous_ = last_;
  c.next_ = nullptr;
  (last_ != nullptr ? last_->next_ : first_) = &c;
  last_ = &c;
}

void connection_list::remove(connection& c) noexcept {
  (c.previous_ != nullptr ? c.previous_->next_ : first_) = c.next_;
  (c.next_ != nullptr ? c.next_->previous_ : last_) = c.previous_;
}

connection::connection(net::byte_stream& stream, shared_state& shared, net::endpoint remote)
    : stream_(stream),
      shared_(shared),
      remote_(remote),
      output_(stream, shared.options.limits),
      input_(stream, output_),
      parser_(shared.options.limits),
      body_(input_, output_, shared.options.limits),
      response_(output_, body_, shared.date) {}

void connection::run() {
  struct working {
    shared_state& shared;
    explicit working(shared_state& s) : shared(s) { shared.begin_work(); }
    ~working() { shared.end_work(); }
  } until_the_end{shared_};
  for (;;) {
    switch (serve_one()) {
      case next_step::go_on: break;
      case next_step::close: static_cast<void>(output_.flush()); return;
      case next_step::linger: linger(); return;
      case next_step::cut_off:
        output_.abandon();
        stream_.abort();
        return;
    }
  }
}

connection::next_step connection::serve_one() {
  const next_step head = read_head();
  return head == next_step::go_on ? answer() : head;
}

connection::next_step connection::read_head() {
  const limits& limits = shared_.options.limits;
  task::time_point deadline = task::never;
  for (;;) {
    switch (parser_.parse(input_.bytes())) {
      case progress::complete: return next_step::go_on;
      case progress::failed: return refuse(parser_.failure());
      case progress::incomplete: break;
    }
    arrival result;
    if (input_.bytes().empty()) {
      result = wait_for_request();
      if (result != arrival::data) return next_step::close;
      continue;
    }
    limits::duration patience = limits.header;
    if (limits.header != limits::duration::zero()) {
      // The time for the head runs from its first byte, however its bytes are drawn out.
      if (deadline == task::never) deadline = task::after(task::now(), limits.header);
      patience = std::max(deadline - task::now(), limits::duration{1});
    }
    result = input_.fill(patience);
    switch (result) {
      case arrival::data: break;
      case arrival::timed_out: return refuse(status::request_timeout);
      case arrival::end:
      case arrival::lost: return next_step::close;
    }
  }
}

arrival connection::wait_for_request() {
  if (!output_.flush()) return arrival::lost;  // still work: a server that stops lets it end
  struct silent {
    shared_state& shared;
    connection& self;
    silent(shared_state& s, connection& c) : shared(s), self(c) {
      self.idle_since_ = task::now();
      shared.idle.push_back(self);
      shared.end_work();
    }
    ~silent() {
      shared.begin_work();
      shared.idle.remove(self);
    }
  };
  task::cancel_region region;  // for `evict`
  interruptible_ = &region;
  try {
    const silent until_data{shared_, *this};
    return wait_for_bytes();
  } catch (const task::cancelled&) {
    if (!region.requested() || region.requested_outside()) throw;
    return arrival::lost;
  }
}

arrival connection::wait_for_bytes() {
  const limits::duration patience = shared_.options.limits.idle;
  const bool is_short = patience != limits::duration::zero() && patience <= brief_silence;
  const arrival result = input_.fill(is_short ? patience : brief_silence);
  if (result != arrival::timed_out || is_short) return result;
  release_memory();
  if (has_called_handler_) task::shed_stack();
  has_called_handler_ = false;
  return input_.fill(patience == limits::duration::zero() ? patience : patience - brief_silence);
}

void connection::release_memory() {
  input_.release_memory();
  output_.release_memory();
  parser_.release_memory();
  body_.release_memory();
  response_.release_memory();
}

/// Answers a request that could not be read; what follows it on the connection cannot be told from it.
connection::next_step connection::refuse(status why) {
  response_.begin({}, false);
  response_.fail(why, {});
  static_cast<void>(response_.finish());
  if (shared_.options.access_log) {
    answering_since_ = task::now();
    log_access(true);
  }
  return next_step::linger;
}

connection::next_step connection::answer() {
  input_.pin();
  input_.consume(parser_.size());
  body_.begin(parser_.head());
  response_.begin(parser_.head(), parser_.head().keep_alive && !shared_.draining && !shared_.crowded);
  if (shared_.options.access_log) answering_since_ = task::now();
  if (!output_.empty()) flush_aside();
  call_handler();
  return after_response();
}

/// The handler may park while answers to earlier requests wait in the output. Then, and only then, the fiber
/// started here gets its turn, and sends them.
void connection::flush_aside() {
  if (flusher_waits_) return;
  flusher_waits_ = true;
  flusher_.spawn("http flush",
                 [this] {
                   flusher_waits_ = false;
                   static_cast<void>(output_.flush());
                 },
                 {.stack_size = 16 * 1024});
}

void connection::call_handler() {
  has_called_handler_ = true;
  status why = status::internal_server_error;
  std::string text;
  try {
    shared_.handler(request{parser_.head(), body_, remote_}, response_);
    return;
  } catch (const task::cancelled&) {
    throw;
  } catch (const failure& f) {
    why = f.status();
    text = f.text();
  } catch (const disconnected&) {
    broken_off_ = true;
    return;
  } catch (const std::exception& e) {
    note_failure(parser_.head(), e.what());
  } catch (...) {
    note_failure(parser_.head(), "an exception that is no std::exception");
  }
  // What was begun cannot be taken back; only a connection that breaks off says that it is not whole.
  if (response_.has_begun())
    broken_off_ = true;
  else
    response_.fail(why, text);
}

connection::next_step connection::after_response() {
  if (response_.is_upgrade() && !broken_off_) {
    // All of the request comes before the other protocol (RFC 9110 §7.8).
    if (body_.finished() || body_.skip()) return switch_protocol();
    response_.fail(status::content_too_large, {});
  }
  const bool is_whole = !broken_off_ && response_.finish() && !output_.is_lost();
  if (shared_.options.access_log) log_access(is_whole);
  if (!is_whole) return next_step::cut_off;
  if (!body_.finished() && (!response_.keeps_alive() || !body_.skip())) return next_step::linger;
  if (!response_.keeps_alive()) return input_.bytes().empty() ? next_step::close : next_step::linger;
  input_.unpin();
  parser_.reset();
  if (output_.is_full() && !output_.flush()) return next_step::close;
  return next_step::go_on;
}

/// Of a request that could not be read there is no head.
void connection::log_access(bool is_whole) {
  access_record record;
  record.remote = remote_;
  record.time = abi::current_platform().wall();
  record.duration = task::now() - answering_since_;
  record.status = code(response_.status());
  record.bytes = response_.body_bytes();
  record.is_whole = is_whole;
  record.request_id = response_.find_field("x-request-id");
  if (parser_.is_complete()) {
    const request_head& head = parser_.head();
    record.method = head.method_text;
    record.target = head.target;
    record.minor_version = head.minor_version;
    record.referer = head.fields.find("referer").value_or(std::string_view{});
    record.user_agent = head.fields.find("user-agent").value_or(std::string_view{});
  }
  try {
    shared_.options.access_log(record);
  } catch (const std::exception& e) {
    note(std::string{"http: the access log: "} + e.what());
  }
}

connection::next_step connection::switch_protocol() {
  const bool is_whole = response_.finish() && output_.flush();
  if (shared_.options.access_log) log_access(is_whole);
  if (!is_whole) return next_step::cut_off;
  input_.unpin();
  release_memory();  // such a connection may be there for days
  task::shed_stack();
  task::cancel_region region;  // for `evict`
  interruptible_ = &region;
  struct listed {
    connection_list& list;
    connection& self;
    ~listed() { list.remove(self); }
  } until_its_end{shared_.upgraded, *this};
  shared_.upgraded.push_back(*this);
  if (shared_.draining) region.request();
  try {
    return use_upgraded();
  } catch (const task::cancelled&) {
    if (!region.requested() || region.requested_outside()) throw;
    return next_step::close;
  }
}

connection::next_step connection::use_upgraded() {
  upgraded_stream stream{stream_, input_};
  try {
    response_.take_upgrade()(stream);
    return next_step::linger;
  } catch (const task::cancelled&) {
    throw;
  } catch (const disconnected&) {
  } catch (const std::exception& e) {
    note(std::string{"http: after an upgrade: "} + e.what());  // the request's bytes are gone
  } catch (...) {
    note("http: after an upgrade: an exception that is no std::exception");
  }
  return next_step::cut_off;
}

/// Closes so that the client gets to read the answer: bytes that arrive at a closed connection are answered
/// by a reset, which may overtake it (RFC 9112 §9.6).
void connection::linger() {
  if (!output_.flush()) return;
  stream_.shutdown_write();
  input_.unpin();
  const task::time_point deadline = task::after(task::now(), shared_.options.limits.linger);
  for (std::size_t dropped = 0; dropped < linger_limit;) {
    dropped += input_.bytes().size();
    input_.consume(input_.bytes().size());
    const limits::duration left = deadline - task::now();
    if (left <= limits::duration::zero() || input_.fill(left) != arrival::data) return;
  }
}

}  // namespace aster::http
