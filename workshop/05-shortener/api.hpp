// The same by JSON, for programs; assets/openapi.json describes it.
#pragma once
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "aster/web.hpp"
#include "link_store.hpp"
#include "origin.hpp"
#include "routes.hpp"

namespace api {

struct new_link {
  std::string target;
  std::optional<std::string> id;
};
struct change_of_link {
  std::string target;
};

aster::web::response list(const link_store& links, const origin& here, std::optional<std::string> query,
                          std::optional<order> by, std::optional<unsigned> page);
aster::web::response create(link_store& links, const origin& here, std::random_device& random,
                            aster::web::json<new_link> wanted);
aster::web::response show(const link_store& links, const origin& here, aster::web::slug id);
aster::web::response change(link_store& links, const origin& here, aster::web::slug id,
                            aster::web::bearer_token secret, aster::web::json<change_of_link> wanted);
aster::web::response remove(link_store& links, aster::web::slug id, aster::web::bearer_token secret);

}  // namespace api
