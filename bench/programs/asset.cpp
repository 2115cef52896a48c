// Serves one file of 100 KB out of the image.
#include "aster/net.hpp"
#include "aster/web.hpp"
#include "hundred.hpp"
using namespace aster;

net::device<"service"> service;

int main() {
  net::stack stack{service};
  web::serve(stack.listen(80), web::app{web::files(hundred::all)});
}
