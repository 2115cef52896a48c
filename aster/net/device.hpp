// The typed manifest: naming a network device in the program puts its record into the image's note at
// compile time, so that `aster inspect` and the tender know what the image needs before it runs.
//
//   net::device<"service"> service;       // at namespace scope or in main
//   net::stack stack{service};            // finds the attached device by that name
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "abi/manifest.hpp"
#include "abi/platform.hpp"

namespace aster::net {

/// A device name known at compile time: 1–31 characters of [a-z0-9_-].
template <std::size_t Size>
struct device_name {
  char text[Size]{};
  consteval device_name(const char (&name)[Size]) {  // implicit, so that device<"name"> reads well
    static_assert(Size >= 2 && Size <= abi::device_name_capacity, "a device name has 1 to 31 characters");
    for (std::size_t i = 0; i + 1 < Size; ++i) {
      const char c = name[i];
      const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
      if (!fits) throw "a device name is made of a-z, 0-9, '_' and '-'";
      text[i] = c;
    }
  }
};

/// What any device declaration can tell the stack: its name.
class device_reference {
 public:
  constexpr std::string_view name() const { return name_; }

 protected:
  constexpr explicit device_reference(const char* name) : name_(name) {}

 private:
  const char* name_;  // NUL-terminated, lives as long as the program
};

/// Declares a network device of this image. Costs nothing at run time; the device itself is looked up when
/// a stack is made on it.
template <device_name Name>
class device : public device_reference {
 public:
  device() : device_reference(Name.text) {
    // Keeps the record in the image without `used`, which this compiler mishandles in templates.
    asm volatile("" ::"r"(&note));
  }

 private:
  struct record {
    std::uint32_t name_size;
    std::uint32_t content_size;
    std::uint32_t type;
    char name[sizeof abi::note_name];
    abi::device_note content;
  };
  static_assert(sizeof(record) % 4 == 0);

  static consteval record make() {
    record r{abi::note_name_size,
             sizeof(abi::device_note),
             static_cast<std::uint32_t>(abi::note_type::device),
             {},
             {abi::device_kind::net, {}}};
    std::copy_n(abi::note_name, sizeof abi::note_name, r.name);
    std::copy_n(Name.text, sizeof Name.text, r.content.name);
    return r;
  }

  [[gnu::section(".note.asterism"), gnu::retain, gnu::aligned(4)]] static inline const constinit record note =
      make();
};

}  // namespace aster::net
