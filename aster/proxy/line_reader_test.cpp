#include "aster/proxy/line_reader.hpp"

#include <doctest/doctest.h>

#include "aster/http/memory_stream.hpp"
#include "aster/http/test/conversation.hpp"

using namespace aster;
using http::test::simulate;

TEST_CASE("lines come as they were written, however the bytes are cut") {
  simulate([] {
    http::memory_connection wire;
    proxy::line_reader lines{wire.server(), 10'000};
    task::scope fibers{"writer"};
    const std::string text = "one\n\n" + std::string(9'000, 'x') + "\ncut";
    fibers.spawn("writer", [&] {
      for (std::size_t at = 0; at < text.size(); at += 700) {
        static_cast<void>(wire.client().write(std::string_view{text}.substr(at, 700)));
        task::yield();
      }
      wire.client().shutdown_write();
    });
    CHECK(lines.next() == "one");
    CHECK(lines.next() == "");
    CHECK(lines.next() == std::string(9'000, 'x'));
    CHECK_FALSE(lines.next());
    fibers.join();
  });
}

TEST_CASE("a line that does not end is not waited for") {
  simulate([] {
    http::memory_connection wire;
    proxy::line_reader lines{wire.server(), 100};
    static_cast<void>(wire.client().write(std::string(200, 'x')));
    CHECK_FALSE(lines.next());
    CHECK_FALSE(lines.next());
  });
}
