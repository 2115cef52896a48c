// What the server answers: apart from main.cpp, so that the test can ask too.
#pragma once
#include <format>

#include "aster/http.hpp"

class site {
 public:
  void answer(const aster::http::request& request, aster::http::response& response) {
    if (request.path() == "/") {
      response.text(std::format("Hello from @NAME@, visitor {}!\n", ++visitors_));
    } else {
      response.status(aster::http::status::not_found);
      response.text("There is nothing here.\n");
    }
  }

 private:
  unsigned visitors_ = 0;
};
