// The peer: cpp-httplib as Debian has it, one thread, answering with the bytes of a file that it has read.
//
//   bench_httplib FILE
#include <httplib.h>

#include <fstream>
#include <iterator>
#include <string>

int main(int, char** arguments) {
  std::ifstream file{arguments[1], std::ios::binary};
  const std::string body{std::istreambuf_iterator<char>{file}, {}};
  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool{1}; };
  server.set_keep_alive_max_count(1'000'000'000);
  server.set_tcp_nodelay(true);
  server.Get(R"(/planets/(\w+))", [&](const httplib::Request&, httplib::Response& answer) {
    answer.set_content(body, "application/json");
  });
  return server.listen("0.0.0.0", 80) ? 0 : 1;
}
