// A live chat.
//
//   aster run -p 8080:80            and then http://localhost:8080/chat/
#include "aster/net.hpp"
#include "room.hpp"

aster::net::device<"service"> service;

int main() {
  chat::room room;
  return aster::web::run(service, chat::make_site(room));
}
