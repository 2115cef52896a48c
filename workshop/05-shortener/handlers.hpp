// What the pages' routes do.
#pragma once
#include <optional>
#include <random>
#include <string>

#include "aster/web.hpp"
#include "link_store.hpp"
#include "origin.hpp"
#include "pages.hpp"
#include "routes.hpp"

struct new_link_form {
  std::string target;
  std::string name;
};
struct change_form {
  std::string target;
};

aster::web::response show_home(const link_store& links, const origin& here, std::optional<std::string> query,
                               std::optional<order> by, std::optional<unsigned> page);
aster::web::response create_link(link_store& links, const origin& here, std::random_device& random,
                                 aster::web::form<new_link_form> form);

/// Counts the visit and sends the visitor on.
aster::web::response follow_link(link_store& links, aster::web::slug id);

std::optional<aster::web::response> show_link(const link_store& links, const origin& here,
                                              aster::web::slug id);
std::optional<aster::web::response> show_qr(const link_store& links, const origin& here, aster::web::slug id);

std::optional<aster::web::response> show_secret_link(const link_store& links, const origin& here,
                                                     aster::web::slug id, aster::web::slug secret);
std::optional<aster::web::response> change_link(link_store& links, const origin& here, aster::web::slug id,
                                                aster::web::slug secret, aster::web::form<change_form> form);
std::optional<aster::web::response> remove_link(link_store& links, aster::web::slug id,
                                                aster::web::slug secret);
