// A table of links in memory. What it may take is bounded, since visitors fill it.
#pragma once
#include <map>

#include "link_store.hpp"

class memory_store final : public link_store {
 public:
  /// `budget`: bytes that all links together may take.
  explicit memory_store(std::size_t budget = 4 * 1024 * 1024) : budget_(budget) {}

  std::expected<const short_link*, refusal> add(short_link made) override;
  const short_link* find(std::string_view id) const override;
  bool change(std::string_view id, std::string target) override;
  bool remove(std::string_view id) override;
  void count_visit(std::string_view id, instant now) override;
  listing search(std::string_view text, order by, std::size_t from, std::size_t size) const override;
  std::size_t size() const override { return links_.size(); }

 private:
  short_link* find_mine(std::string_view id);

  std::map<std::string, short_link, std::less<>>
      links_;  // by id, so that they come in the order of their names
  std::size_t budget_;
  std::size_t used_ = 0;
  std::uint64_t made_ = 0;  // so far
};
