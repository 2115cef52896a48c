#include "aster/net/stack.hpp"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "abi/platform.hpp"
#include "aster/net/core.hpp"
#include "aster/net/datagram_socket.hpp"
#include "aster/net/listen_socket.hpp"
#include "aster/net/report.hpp"
#include "aster/net/stream_socket.hpp"

namespace aster::net {

namespace {

abi::net_device& find_device(std::string_view name) {
  // The name is a literal of the program: it ends in a NUL.
  abi::net_device* device = abi::current_platform().network(name.data());
  if (device == nullptr) {
    const std::string quoted = "`" + std::string{name} + "`";
    throw std::runtime_error{"device " + quoted +
                             " is not attached: start with `aster run -p 8080:80 IMAGE` or `--net " +
                             std::string{name} + "=tap:NAME`"};
  }
  return *device;
}

/// On a machine of 8 MB 64 MB of buffers are no limit.
std::size_t affordable_buffers() {
  constexpr std::size_t most = 64 << 20, least = 256 << 10;
  const long pages = sysconf(_SC_AVPHYS_PAGES), page_size = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_size <= 0) return most;
  return std::clamp(static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_size) / 4, least, most);
}

/// What the program says, else what `aster run` has given.
configuration configuration_for(const abi::net_device& device, const configuration& own) {
  const auto given = configuration::parse(device.info().configuration);
  if (!given && !own.address) throw std::runtime_error{"network configuration: " + given.error()};
  configuration c = given.value_or(configuration{});
  if (own.address) {
    c.address = own.address;
    c.gateway = own.gateway;
    c.dns = own.dns;
  }
  if (own.address6) {
    c.address6 = own.address6;
    c.gateway6 = own.gateway6;
    c.dns6 = own.dns6;
  }
  c.ipv6 = c.ipv6 && own.ipv6;
  if (const auto wrong = c.fault()) throw std::runtime_error{"network address: " + *wrong};
  return c;
}

engine_options engine_options_for(const abi::net_device& device, const stack_options& options) {
  engine_options o;
  o.address = configuration_for(device, {.address = options.address,
                                         .gateway = options.gateway,
                                         .dns = options.dns,
                                         .ipv6 = options.ipv6,
                                         .address6 = options.address6,
                                         .gateway6 = options.gateway6,
                                         .dns6 = options.dns6});
  o.host_name = options.host_name;
  o.probe_first = options.probe_address_first;
  o.connection_limit = options.connection_limit;
  o.memory_limit = options.memory_limit != 0 ? options.memory_limit : affordable_buffers();
  o.tcp.receive_buffer = options.receive_buffer;
  o.tcp.send_buffer = options.send_buffer;
  o.tcp.most_receive_buffer = options.most_receive_buffer;
  o.tcp.most_send_buffer = options.most_send_buffer;
  return o;
}

}  // namespace

stack::stack(const device_reference& device, stack_options options)
    : stack(find_device(device.name()), std::move(options), std::string{device.name()}) {}

stack::stack(abi::net_device& device, stack_options options, std::string name) {
  engine_options o = engine_options_for(device, options);
  o.name = std::move(name);
  core_ = std::make_shared<stack_core>(device, o, options.linger);
  core_->hosts = std::move(options.hosts);
}

void stack::attach(const device_reference& device, const interface_options& options) {
  attach(find_device(device.name()), options, std::string{device.name()});
}

void stack::attach(abi::net_device& device, const interface_options& options, std::string name) {
  attachment_options o{.name = std::move(name),
                       .address = configuration_for(device, {options.address, options.gateway, options.dns})};
  const auto& first = core_->engine().attachments().front()->options();
  o.host_name = first.host_name;
  o.probe_first = first.probe_first;
  core_->engine().attach(device, o, task::now());
}

bool stack::add_route(std::string_view device, const ipv4_route& route) {
  for (const auto& a : core_->engine().attachments())
    if (a->name() == device) return a->interface().add_route(route);
  return false;
}

void stack::forward(const forwarding_options& options) { core_->engine().forward(options); }

std::vector<interface_state> stack::interfaces() const {
  std::vector<interface_state> list;
  for (const auto& a : core_->engine().attachments()) {
    const interface& i = a->interface();
    interface_state& s = list.emplace_back(a->name(), i.mac(), i.mtu(), i.address(), i.routes());
    if (i.ipv6() == nullptr) continue;
    const autoconfiguration& six = i.ipv6()->state();
    for (const auto& held : six.addresses())
      if (six.owns(held.address)) s.addresses6.push_back({held.address, held.prefix});
    s.gateway6 = six.router();
    s.dns6 = six.name_servers();
  }
  return list;
}

stack::~stack() { core_->stop(); }

std::expected<ipv4_interface, error> stack::wait_for_address(std::chrono::nanoseconds timeout) {
  if (!core_->wait_for_address(task::after(task::now(), timeout))) return std::unexpected{error::timed_out};
  return *core_->engine().address();
}

std::expected<ipv6_interface, error> stack::wait_for_address6(std::chrono::nanoseconds timeout) {
  if (core_->engine().attachments().front()->interface().ipv6() == nullptr)
    return std::unexpected{error::unreachable};
  if (!core_->wait_for_address6(task::after(task::now(), timeout))) return std::unexpected{error::timed_out};
  return *address6();
}

std::optional<ipv4_interface> stack::address() const { return core_->engine().address(); }
std::optional<ipv6_interface> stack::address6() const {
  const interface6* six = core_->engine().attachments().front()->interface().ipv6();
  return six != nullptr ? six->address() : std::nullopt;
}
std::optional<ipv4_address> stack::gateway() const { return core_->engine().gateway(); }
std::optional<ipv4_address> stack::dns() const { return core_->engine().dns(); }

listener stack::listen(std::uint16_t port, listen_options options) {
  tcp::acceptor* a = core_->tcp().listen(port, options.backlog);
  if (a == nullptr) throw std::runtime_error{"TCP port " + std::to_string(port) + " is taken already"};
  return listener{std::make_unique<listen_socket>(core_, *a)};
}

std::expected<stream, error> stack::connect(endpoint remote) {
  auto socket = open_connection(core_, remote);
  if (!socket) return std::unexpected{socket.error()};
  return stream{*std::move(socket)};
}

udp_socket stack::bind(std::uint16_t port, bind_options options) {
  udp_port* p = core_->engine().udp().bind(port, options);
  if (p == nullptr) throw std::runtime_error{"UDP port " + std::to_string(port) + " is taken already"};
  return udp_socket{std::make_unique<datagram_socket>(core_, *p)};
}

group_listener stack::join(const ip_address& group) {
  if (!group.is_multicast()) throw std::invalid_argument{to_string(group) + " is no multicast group"};
  if (!core_->engine().join(group, task::now())) throw std::runtime_error{"too many multicast groups"};
  return {core_, group};
}

group_listener::~group_listener() {
  if (core_ && !core_->is_stopped()) core_->engine().leave(group_, task::now());
}

const net::counters& stack::counters() const noexcept { return core_->engine().counters(); }
std::size_t stack::connections() const noexcept { return core_->tcp().connections(); }
std::vector<socket_info> stack::sockets(std::size_t limit) const {
  return sockets_of(core_->engine(), limit);
}
std::string prometheus(const stack& s) { return prometheus(s.core_->engine()); }

}  // namespace aster::net
