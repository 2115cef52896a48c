#include "host/run/control_listener.hpp"

#include <print>

#include "host/run/system_call_line.hpp"

namespace aster::host {
namespace {

// An image may send as much as it likes; a report beyond these is none.
constexpr std::size_t frame_limit = 128;
constexpr std::size_t register_limit = 64;
constexpr unsigned malformed_limit = 10;

template <class... Cases>
struct cases : Cases... {
  using Cases::operator()...;
};

}  // namespace

control_listener::control_listener(std::filesystem::path image, std::FILE* out)
    : image_(std::move(image)), out_(out), splitter_([this](std::string_view line) { take_line(line); }) {}

void control_listener::finish() {
  const std::string rest = splitter_.finish();
  if (report_) {
    report_->cut_short = true;
    print_report();
  } else if (!rest.empty()) {
    std::println(out_, "aster: the image's last record was cut short: {}", escaped(rest));
  }
}

void control_listener::take_line(std::string_view line) {
  control_record record = parse_control_line(line);
  std::visit(
      cases{
          [&](const control::exited& e) { exit_code_ = e.code; },
          [&](control::panic& p) {
            if (report_) print_report();
            panicked_ = true;
            report_ = panic_report{.text = std::move(p.text), .fiber = {}, .registers = {}, .frames = {}};
          },
          [&](control::in_fiber& f) {
            if (report_) report_->fiber = std::move(f.name);
          },
          [&](control::register_value& r) {
            if (report_ && report_->registers.size() < register_limit) {
              report_->registers.emplace_back(std::move(r.name), r.value);
            }
          },
          [&](const control::frame& f) {
            if (report_ && report_->frames.size() < frame_limit) report_->frames.push_back(f);
          },
          [&](const control::end&) {
            if (report_) print_report();
          },
          [&](const control::unserved& u) {
            std::println(out_,
                         "aster: the image asked for the system call {} ({}), which is not served (ENOSYS)",
                         system_call_name(u.number), u.number);
          },
          [&](const control::system_call& c) { std::println(out_, "{}", describe(c)); },
          [&](const control::input&) { wants_input_ = true; },
          [&](const control::note& n) { std::println(out_, "aster: {}", escaped(n.text)); },
          [&](const control::ready&) {
            if (on_ready) on_ready();
          },
          [&](const control::answers&) {
            if (on_answers) on_answers();
          },
          [&](const control::answer& a) {
            if (on_answer) on_answer(a);
          },
          [&](const control::malformed& m) {
            if (++malformed_ > malformed_limit) return;
            std::println(out_, "aster: the image said something odd: {}", escaped(m.line));
          },
      },
      record);
}

void control_listener::print_report() {
  std::print(out_, "{}", render(*report_, image_));
  report_.reset();
}

}  // namespace aster::host
