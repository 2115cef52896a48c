#include "host/galaxy/api/metrics.hpp"

#include <cstddef>
#include <format>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "aster/json/enumeration.hpp"

namespace aster::host::galaxy {
namespace {

/// A label's value: backslash, quote and newline are escaped.
std::string escaped_label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string{"\\n"} : std::string{c};
  }
  return out;
}

class page {
 public:
  explicit page(const galaxy_status& now) : now_(now), galaxy_(escaped_label(now.name)) {}

  void begin(std::string_view name, std::string_view kind, std::string_view help) {
    name_ = name;
    text_ += std::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, kind);
  }

  template <class Number>
  void sample(std::initializer_list<std::pair<std::string_view, std::string_view>> labels, Number value) {
    text_ += std::format("{}{{galaxy=\"{}\"", name_, galaxy_);
    for (const auto& [label, is] : labels) text_ += std::format(",{}=\"{}\"", label, escaped_label(is));
    text_ += std::format("}} {}\n", value);
  }

  template <class Value>
  void of_services(std::string_view name, std::string_view kind, std::string_view help, Value value) {
    begin(name, kind, help);
    for (const service_status& s : now_.services) sample({{"service", s.name}}, std::invoke(value, s));
  }

  template <class Value>
  void of_instances(std::string_view name, std::string_view kind, std::string_view help, Value value) {
    begin(name, kind, help);
    for (const service_status& s : now_.services)
      for (const instance_status& i : s.instances)
        sample({{"service", s.name}, {"instance", i.name}}, std::invoke(value, i));
  }

  const galaxy_status& now() const { return now_; }
  std::string take() { return std::move(text_); }

 private:
  const galaxy_status& now_;
  std::string galaxy_;
  std::string_view name_;
  std::string text_;
};

void states(page& out) {
  out.begin("aster_service_state", "gauge", "1 for the state that the service is in.");
  for (const service_status& s : out.now().services)
    json::each_name<service_state>([&](std::string_view name) {
      out.sample({{"service", s.name}, {"state", name}}, name == json::name_of(s.state) ? 1 : 0);
    });
  out.begin("aster_service_instances", "gauge", "Instances in each state.");
  for (const service_status& s : out.now().services)
    json::each_name<instance_state>([&](std::string_view name) {
      std::size_t count = 0;
      for (const instance_status& i : s.instances) count += json::name_of(i.state) == name ? 1 : 0;
      out.sample({{"service", s.name}, {"state", name}}, count);
    });
}

}  // namespace

std::string metrics(const galaxy_status& now) {
  page out{now};
  out.begin("aster_galaxy_events_total", "counter", "Things that have happened since the galaxy was made.");
  out.sample({}, now.last_event);
  states(out);
  out.of_services("aster_service_wanted", "gauge", "Instances that are wanted.", &service_status::wanted);
  out.of_services("aster_service_version", "gauge", "The deployment that is wanted.",
                  &service_status::version);
  out.of_services("aster_service_requests_total", "counter", "Requests since the edge was started.",
                  &service_status::requests);
  out.of_services("aster_service_failed_total", "counter", "Requests that were answered with 5xx.",
                  &service_status::failed);
  out.of_services("aster_service_waiting", "gauge", "Requests that wait for an instance.",
                  &service_status::waiting);
  out.of_instances("aster_instance_outstanding", "gauge", "Requests that the instance has now.",
                   &instance_status::outstanding);
  out.of_instances("aster_instance_memory_bytes", "gauge", "Resident memory.", &instance_status::memory);
  out.of_instances("aster_instance_processor_seconds_total", "counter", "Processor time.",
                   &instance_status::processor);
  out.of_instances("aster_instance_restarts", "gauge", "Restarts since it was well the last time.",
                   &instance_status::restarts);
  out.of_instances("aster_instance_started_time_seconds", "gauge", "When it was started, since 1970.",
                   &instance_status::started);
  return out.take();
}

}  // namespace aster::host::galaxy
