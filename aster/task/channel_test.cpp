#include "aster/task/channel.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

TEST_CASE("values arrive in the order in which they were sent, whatever the capacity") {
  for (const std::size_t capacity : {0u, 1u, 2u, 7u, 1000u}) {
    CAPTURE(capacity);
    task::simulation{}.run([&] {
      task::channel<int> channel{capacity};
      task::scope s;
      s.spawn("producer", [&] {
        for (int i = 0; i < 100; ++i) CHECK(channel.send(i));
        channel.close();
      });
      std::vector<int> got;
      while (const auto value = channel.receive()) got.push_back(*value);
      s.join();
      REQUIRE(got.size() == 100);
      for (int i = 0; i < 100; ++i) CHECK(got[static_cast<std::size_t>(i)] == i);
    });
  }
}

TEST_CASE("send parks while the channel is full") {
  task::simulation{}.run([] {
    task::channel<int> channel{2};
    int sent = 0;
    task::scope s;
    s.spawn("producer", [&] {
      for (int i = 0; i < 5; ++i) {
        static_cast<void>(channel.send(i));
        ++sent;
      }
    });
    task::yield();
    CHECK(sent == 2);
    CHECK(channel.size() == 2);
    CHECK(channel.receive() == 0);
    task::yield();
    CHECK(sent == 3);
    for (int i = 1; i < 5; ++i) CHECK(channel.receive() == i);
    s.join();
  });
}

TEST_CASE("with capacity 0, send parks until the value was taken") {
  task::simulation{}.run([] {
    task::channel<int> channel{0};
    bool sent = false;
    task::scope s;
    s.spawn("producer", [&] {
      CHECK(channel.send(1));
      sent = true;
    });
    task::sleep(1s);
    CHECK_FALSE(sent);
    CHECK(channel.receive() == 1);
    s.join();
    CHECK(sent);
  });
}

TEST_CASE("the try operations never park") {
  task::simulation{}.run([] {
    task::channel<std::unique_ptr<int>> channel{1};
    CHECK_FALSE(channel.try_receive());
    auto first = std::make_unique<int>(1);
    CHECK(channel.try_send(first));
    CHECK(first == nullptr);
    auto second = std::make_unique<int>(2);
    CHECK_FALSE(channel.try_send(second));
    CHECK(second != nullptr);  // untouched
    CHECK(**channel.try_receive() == 1);

    task::scope s;  // a receiver that waits is served directly
    s.spawn("receiver", [&] { CHECK(**channel.receive() == 2); });
    task::yield();
    CHECK(channel.try_send(second));
    CHECK(channel.size() == 0);
    s.join();
  });
}

TEST_CASE("receivers and senders are served in the order in which they came") {
  task::simulation{}.run([] {
    task::channel<int> channel{0};
    std::string log;
    task::scope s;
    for (const char name : {'a', 'b', 'c'}) {
      s.spawn("receiver", [&, name] {
        const auto value = channel.receive();
        log += name;
        log += std::to_string(*value);
      });
    }
    task::yield();
    for (int i = 0; i < 3; ++i) CHECK(channel.send(i));
    s.join();
    CHECK(log == "a0b1c2");

    for (int i = 0; i < 3; ++i) s.spawn("sender", [&, i] { static_cast<void>(channel.send(i)); });
    task::yield();
    for (int i = 0; i < 3; ++i) CHECK(channel.receive() == i);
    s.join();
  });
}

TEST_CASE("close ends receivers after the last value, and senders at once") {
  task::simulation{}.run([] {
    task::channel<int> channel{2};
    task::scope s;
    CHECK(channel.send(1));
    CHECK(channel.send(2));
    s.spawn("parked sender", [&] { CHECK_FALSE(channel.send(3)); });
    task::yield();
    channel.close();
    channel.close();
    CHECK(channel.closed());
    CHECK_FALSE(channel.send(4));
    s.join();
    CHECK(channel.receive() == 1);
    CHECK(channel.receive() == 2);
    CHECK_FALSE(channel.receive());
    CHECK_FALSE(channel.receive());

    task::channel<int> other{2};
    for (int i = 0; i < 3; ++i) s.spawn("parked receiver", [&] { CHECK_FALSE(other.receive()); });
    task::yield();
    other.close();
    s.join();
  });
}

TEST_CASE("a sender that is cancelled has not sent, and leaves its place to the next") {
  task::simulation{}.run([] {
    task::channel<int> channel{1};
    CHECK(channel.send(0));
    task::scope victims, others;
    victims.spawn("cancelled", [&] { static_cast<void>(channel.send(1)); });
    others.spawn("patient", [&] { CHECK(channel.send(2)); });
    task::yield();
    victims.cancel();
    CHECK(channel.receive() == 0);
    victims.join();
    others.join();
    CHECK(channel.receive() == 2);
    CHECK(channel.size() == 0);
  });
}

TEST_CASE("a receiver that is cancelled takes nothing") {
  task::simulation{}.run([] {
    task::channel<int> channel{0};
    task::scope victims, others;
    victims.spawn("cancelled", [&] {
      static_cast<void>(channel.receive());
      FAIL("received");
    });
    others.spawn("patient", [&] { CHECK(channel.receive() == 1); });
    task::yield();
    victims.cancel();
    CHECK(channel.send(1));
    victims.join();
    others.join();
  });
}

TEST_CASE("a value handed to a fiber is received even if the fiber is cancelled before it runs") {
  task::simulation{}.run([] {
    task::channel<std::unique_ptr<int>> channel{0};
    int got = 0;
    task::scope s;
    s.spawn("receiver", [&] {
      got = **channel.receive();
      task::yield();
      FAIL("was cancelled");
    });
    task::yield();
    CHECK(channel.send(std::make_unique<int>(7)));
    s.cancel();
    s.join();
    CHECK(got == 7);
  });
}

TEST_CASE("values that nobody received are destroyed with the channel") {
  task::simulation{}.run([] {
    const auto value = std::make_shared<int>(1);
    {
      task::channel<std::shared_ptr<int>> channel{3};
      for (int i = 0; i < 3; ++i) CHECK(channel.send(value));
      CHECK(channel.receive());
      CHECK(channel.send(value));  // wraps around
      CHECK(value.use_count() == 4);
    }
    CHECK(value.use_count() == 1);
  });
}
