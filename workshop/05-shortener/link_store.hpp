// Where links are kept. The pages and the API know this interface; the table in memory is one that forgets
// with the program, a database would be another.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "short_link.hpp"

enum class order : std::uint8_t { newest, visits, name, last_visit };

struct listing {
  std::vector<const short_link*> links;  // of the page asked for
  std::size_t found = 0;                 // on all pages
};

class link_store {
 public:
  enum class refusal : std::uint8_t {
    taken,  // the id is another link's
    full,   // no room for one more
  };

  virtual ~link_store() = default;

  /// Gives the link its number. Ids are compared without regard to the case of letters, and kept in lower
  /// case.
  virtual std::expected<const short_link*, refusal> add(short_link made) = 0;
  virtual const short_link* find(std::string_view id) const = 0;
  /// The link gets another target; false when it is not there any more, or there is no room for it.
  virtual bool change(std::string_view id, std::string target) = 0;
  virtual bool remove(std::string_view id) = 0;
  virtual void count_visit(std::string_view id, instant now) = 0;
  /// Links whose id or target contains `text`, in any case; the page of `size` that begins at `from`.
  virtual listing search(std::string_view text, order by, std::size_t from, std::size_t size) const = 0;
  virtual std::size_t size() const = 0;
};
