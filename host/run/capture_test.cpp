#include "host/run/capture.hpp"

#include <doctest/doctest.h>

namespace {

using namespace aster::host;

std::vector<attached_device> devices_called(std::vector<std::string> names) {
  std::vector<attached_device> all;
  for (std::string& name : names)
    all.push_back({.name = std::move(name), .tap = {}, .configuration = {}, .ports = {}});
  return all;
}

std::expected<std::vector<int>, std::string> matched(std::vector<std::string> words,
                                                     std::vector<std::string> names) {
  std::vector<capture_request> requests;
  for (const std::string& word : words) requests.push_back(*parse_capture(word));
  return match_captures(requests, devices_called(std::move(names)));
}

TEST_CASE("a capture names a file, and perhaps a device in front of it") {
  CHECK(parse_capture("a.pcapng")->file == "a.pcapng");
  CHECK(parse_capture("a.pcapng")->device.empty());
  CHECK(parse_capture("inside=-")->file == "-");
  CHECK(parse_capture("inside=-")->device == "inside");
  CHECK(parse_capture("./a=b")->file == "./a=b");
  CHECK(!parse_capture("").has_value());
  CHECK(!parse_capture("=a").has_value());
  CHECK(!parse_capture("inside=").has_value());
}

TEST_CASE("a file without a device is for all that have none of their own") {
  CHECK(*matched({"a"}, {"inside", "outside"}) == std::vector{0, 0});
  CHECK(*matched({"outside=a"}, {"inside", "outside"}) == std::vector{-1, 0});
  CHECK(*matched({"a", "outside=b"}, {"inside", "outside"}) == std::vector{0, 1});
  CHECK(*matched({}, {"inside"}) == std::vector{-1});
}

TEST_CASE("a capture that nothing would ever go to is an error that says which") {
  CHECK(matched({"other=a"}, {"inside"})
            .error()
            .starts_with("--pcap other=a: the image has no network device"));
  CHECK(matched({"a"}, {}).error().starts_with("--pcap a: the image has no network device to record"));
  CHECK(matched({"a", "b"}, {"inside"}).error().contains("two files"));
  CHECK(matched({"inside=a", "b"}, {"inside"})
            .error()
            .starts_with("--pcap b: the image has no network device left"));
  CHECK(matched({"inside=a", "inside=b"}, {"inside"}).error().contains("two files"));
}

}  // namespace
