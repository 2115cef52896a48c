#include "aster/web/live.hpp"

#include <chrono>

#include "aster/crunch/live.hpp"
#include "aster/task/clock.hpp"
#include "aster/web/events.hpp"

namespace aster::web {

bool is_live() { return crunch::live() != nullptr; }

response live_changes() {
  return events([](event_stream& out) {
    out.retry_after(std::chrono::milliseconds{300});
    for (std::uint64_t known = crunch::live_version();;) {
      task::sleep(std::chrono::milliseconds{200});
      const std::uint64_t now = crunch::live_version();
      if (now != known)
        out.send({.name = "changed"});
      else
        out.ping();  // finds out that the page is gone
      known = now;
    }
  });
}

// A page whose connection broke is loaded again when the program is back: it may have been built anew.
std::string live_script(std::string_view nonce) {
  std::string script = "<script nonce=\"";
  script.append(nonce).append("\">{let lost=false;const live=new EventSource(\"").append(live_path);
  script +=
      "\");live.addEventListener(\"changed\",()=>location.reload());live.onerror=()=>{lost=true};"
      "live.onopen=()=>{if(lost)location.reload()}}</script>";
  return script;
}

}  // namespace aster::web
