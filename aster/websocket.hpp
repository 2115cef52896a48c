// WebSockets (RFC 6455) for web applications, compressed where the client can (RFC 7692): everything a
// program includes.
//
//   constexpr web::route<"/chat"> chat;
//   websocket::room everybody;
//
//   web::app app{web::get(chat, [](const web::request& req) {
//     return websocket::accept(req, [](websocket::socket& ws) {
//       const auto here = everybody.enter(ws);
//       while (auto m = ws.receive()) everybody.post(*m);
//     });
//   })};
#pragma once
#include "aster/web.hpp"
#include "aster/websocket/accept.hpp"
#include "aster/websocket/close_code.hpp"
#include "aster/websocket/message.hpp"
#include "aster/websocket/room.hpp"
#include "aster/websocket/socket.hpp"
