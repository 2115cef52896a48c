// Networking: everything a program that talks over a network includes.
//
//   net::device<"service"> service;                 // the manifest: what this image needs
//   int main() {
//     net::stack stack{service};                    // an address by `--ip` or DHCP
//     net::listener l = stack.listen(7);
//     net::stream s = l.accept();                   // a fiber blocks, the machine goes on
//   }
#pragma once
#include "aster/net/address.hpp"
#include "aster/net/byte_stream.hpp"
#include "aster/net/counters.hpp"
#include "aster/net/device.hpp"
#include "aster/net/listener.hpp"
#include "aster/net/local_name.hpp"
#include "aster/net/stack.hpp"
#include "aster/net/stream.hpp"
#include "aster/net/udp_socket.hpp"
