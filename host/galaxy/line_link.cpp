#include "host/galaxy/line_link.hpp"

#include <array>
#include <utility>

#include "aster/task/scope.hpp"

namespace aster::host::galaxy {

void line_link::say(std::string_view line) {
  if (over_) return;
  if (said_.size() + line.size() > most_waiting) return stream_.abort();
  said_ += line;
  something_.notify_one();
}

void line_link::write_what_is_said() {
  for (;;) {
    while (said_.empty()) something_.wait();
    const std::string now = std::exchange(said_, {});
    if (!stream_.write(now)) return stream_.abort();
  }
}

void line_link::serve(const std::function<bool(std::string_view)>& hear, task::duration silence) {
  task::scope writing{"link"};
  writing.spawn("says", [this] { write_what_is_said(); }, {.stack_size = 64 * 1024});
  std::string held;
  std::array<std::byte, 16384> part;
  for (bool goes_on = true; goes_on;) {
    const auto got = stream_.read_until(part, task::after(task::now(), silence));
    if (!got || !*got || **got == 0) break;
    held.append(reinterpret_cast<const char*>(part.data()), **got);
    std::size_t begin = 0;
    for (std::size_t end; goes_on && (end = held.find('\n', begin)) != held.npos; begin = end + 1)
      goes_on = end - begin <= most_ && hear(std::string_view(held).substr(begin, end - begin));
    held.erase(0, begin);
    if (held.size() > most_) break;
  }
  over_ = true;
}

}  // namespace aster::host::galaxy
