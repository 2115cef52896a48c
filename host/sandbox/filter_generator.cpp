// Compiles filter_rules.hpp into a header, so that starting an image compiles nothing.
//
//   filter_generator filter_program.hpp
//
// The program that comes out: another architecture's calls kill; a tree of comparisons leads from the call's number
// to a short list of calls and ranges of calls; each has a verdict, or code that looks at one argument. Calls whose
// arguments are checked alike share that code, and neighbours with one verdict a range: two thirds of what a general
// compiler of filters makes of the same rules, which counts since Linux translates the filter at each start. The tree
// is there for that moment, too: Linux runs the filter once for each number, to learn what is always allowed.
#include <asm/unistd_64.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <print>
#include <span>
#include <vector>

#include "host/sandbox/filter_rules.hpp"

namespace {

using namespace aster::host::sandbox;

void demand(bool good, const char* step) {
  if (good) return;
  std::println(stderr, "filter_generator: {} failed", step);
  std::exit(1);
}

/// A place in the program that is named before it is known.
using label = std::size_t;
constexpr label next_line = ~label{0};

/// Instructions with labels to jump to. Classic BPF jumps forward only, by at most 255.
class assembly {
public:
  label new_label() { return places_.emplace_back(0), places_.size() - 1; }
  void place(label at) { places_[at] = lines_.size(); }

  void load(std::size_t offset) { add({BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)}); }
  void answer(std::uint32_t verdict) { add({BPF_RET | BPF_K, 0, 0, verdict}); }
  void go_to(label at) { add({BPF_JMP | BPF_JA, 0, 0, 0}, at); }
  void jump(unsigned condition, std::uint32_t with, label if_so, label if_not = next_line) {
    add({static_cast<std::uint16_t>(BPF_JMP | condition | BPF_K), 0, 0, with}, if_so, if_not);
  }

  std::vector<sock_filter> finish() const {
    std::vector<sock_filter> program;
    for (const line& l : lines_) {
      const auto distance = [&](label to) {
        const std::size_t far = to == next_line ? 0 : places_[to] - program.size() - 1;
        demand(far <= 255, "a jump's distance");
        return static_cast<std::uint8_t>(far);
      };
      sock_filter i = l.instruction;
      if (i.code == (BPF_JMP | BPF_JA)) {
        i.k = distance(l.yes);
      } else if ((i.code & 7) == BPF_JMP) {
        i.jt = distance(l.yes);
        i.jf = distance(l.no);
      }
      program.push_back(i);
    }
    return program;
  }

private:
  struct line {
    sock_filter instruction;
    label yes, no;
  };
  void add(sock_filter instruction, label yes = next_line, label no = next_line) {
    lines_.push_back({instruction, yes, no});
  }
  std::vector<line> lines_;
  std::vector<std::size_t> places_;
};

/// What may come of a call: a verdict, or several that depend on an argument, of which the first that fits counts.
struct condition {
  std::optional<argument_check> check;
  std::uint32_t verdict;
  friend auto operator<=>(const condition&, const condition&) = default;
};
using outcome = std::vector<condition>;

class compiler {
public:
  explicit compiler(bool traced) : traced_(traced) {
    for (const rule& r : deadly_calls) calls_[r.call].push_back({r.check, SECCOMP_RET_KILL_PROCESS});
    for (const rule& r : allowed_calls) calls_[r.call].push_back({r.check, SECCOMP_RET_ALLOW});
    for (const answered_call& r : answered_calls) {
      if (!traced) calls_[r.call].push_back({{}, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(r.error)});
    }
  }

  std::vector<sock_filter> program() {
    const label deadly = verdict(SECCOMP_RET_KILL_PROCESS);
    code_.load(offsetof(seccomp_data, arch));
    code_.jump(BPF_JEQ, AUDIT_ARCH_X86_64, next_line, deadly);
    code_.load(offsetof(seccomp_data, nr));
    code_.jump(BPF_JGE, 0x40000000, deadly);  // x32
    lead_to(ranges());
    for (const auto& [conditions, at] : outcomes_) {
      code_.place(at);
      look_at_arguments(conditions);
    }
    if (const auto found = verdicts_.find(SECCOMP_RET_ALLOW); traced_ && found != verdicts_.end()) {
      code_.place(found->second);
      for (const unsigned half : {0u, 1u}) {
        code_.load(argument(5) + half * 4);
        code_.jump(BPF_JEQ, half == 0 ? aster::abi::own_call_mark : 0, next_line, verdict(SECCOMP_RET_TRAP));
      }
      code_.place(unmarked_);
      code_.answer(SECCOMP_RET_ALLOW);
      verdicts_.erase(found);
    }
    for (const auto& [what, at] : verdicts_) {
      code_.place(at);
      code_.answer(what);
    }
    return code_.finish();
  }

private:
  struct range {
    std::uint32_t first, last;
    label to;
  };

  static std::size_t argument(unsigned index) { return offsetof(seccomp_data, args) + index * 8; }

  label verdict(std::uint32_t what) {
    const auto [found, is_new] = verdicts_.try_emplace(what, 0);
    if (is_new) found->second = code_.new_label();
    return found->second;
  }

  /// Calls in order, neighbours with the same outcome together.
  std::vector<range> ranges() {
    std::vector<range> all;
    for (const auto& [call, conditions] : calls_) {
      label to;
      if (traced_ && call == unmarked_call) {
        to = unmarked_;
      } else if (!conditions.front().check) {
        demand(conditions.size() == 1, "telling one verdict on a call from another");
        to = verdict(conditions.front().verdict);
      } else {
        const auto [found, is_new] = outcomes_.try_emplace(conditions, 0);
        if (is_new) found->second = code_.new_label();
        to = found->second;
      }
      const auto number = static_cast<std::uint32_t>(call);
      if (!all.empty() && all.back().to == to && all.back().last + 1 == number) all.back().last = number;
      else all.push_back({number, number, to});
    }
    return all;
  }

  void lead_to(std::span<const range> some) {
    constexpr std::size_t short_list = 8;
    if (some.size() > short_list) {
      const auto later = some.subspan(some.size() / 2);
      const label there = code_.new_label();
      code_.jump(BPF_JGE, later.front().first, there);
      lead_to(some.first(some.size() / 2));
      code_.place(there);
      lead_to(later);
      return;
    }
    const label trap = verdict(SECCOMP_RET_TRAP);
    for (std::size_t i = 0; i < some.size(); ++i) {
      const range& r = some[i];
      const label otherwise = i + 1 < some.size() ? next_line : trap;
      if (r.first == r.last) {
        code_.jump(BPF_JEQ, r.first, r.to, otherwise);
      } else {
        code_.jump(BPF_JGE, r.first, next_line, trap);  // those in front have been looked for
        code_.jump(BPF_JGT, r.last, otherwise, r.to);
      }
    }
  }

  void look_at_arguments(const outcome& conditions) {
    const unsigned index = conditions.front().check->index;
    const label trap = verdict(SECCOMP_RET_TRAP);
    code_.load(argument(index));
    for (const condition& c : conditions) {
      demand(c.check && c.check->index == index, "looking at one argument of a call");
      if (c.check->bit != 0) code_.jump(BPF_JSET, c.check->bit, verdict(c.verdict));
    }
    bool is_small = false;  // whether the upper half is known to be zero
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      const argument_check& check = *conditions[i].check;
      if (check.bit != 0) continue;
      demand(i == 0 || conditions[i - 1].check->last < check.first || conditions[i - 1].check->bit != 0, "checks in order");
      if (!is_small) {
        code_.load(argument(index) + 4);
        code_.jump(BPF_JEQ, 0, next_line, trap);
        code_.load(argument(index));
        is_small = true;
      }
      const label fits = verdict(conditions[i].verdict), otherwise = i + 1 < conditions.size() ? next_line : trap;
      if (check.first == check.last) {
        code_.jump(BPF_JEQ, check.first, fits, otherwise);
      } else {
        code_.jump(BPF_JGE, check.first, next_line, trap);  // checks stand in order, too
        code_.jump(BPF_JGT, check.last, otherwise, fits);
      }
    }
    if (!is_small) code_.go_to(trap);
  }

  bool traced_;
  std::map<int, outcome> calls_;
  assembly code_;
  std::map<outcome, label> outcomes_;
  std::map<std::uint32_t, label> verdicts_;
  label unmarked_ = code_.new_label();
};

void write_program(std::ostream& out, const char* name, std::span<const sock_filter> program) {
  out << "inline constexpr sock_filter " << name << "[] = {\n";
  for (const sock_filter& i : program) {
    out << "    {" << i.code << ", " << +i.jt << ", " << +i.jf << ", " << i.k << "u},\n";
  }
  out << "};\n";
}

}  // namespace

int main(int argc, char** argv) {
  demand(argc == 2, "reading the command line: one output file");
  std::ofstream out(argv[1]);
  out << "// Generated by filter_generator from host/sandbox/filter_rules.hpp.\n"
         "#pragma once\n#include <linux/filter.h>\n\n"
         "namespace aster::host::sandbox {\n";
  write_program(out, "filter_program", compiler(false).program());
  write_program(out, "traced_filter_program", compiler(true).program());
  out << "}  // namespace aster::host::sandbox\n";
  out.close();
  demand(static_cast<bool>(out), "writing the header");
}
