// The star map: the galaxy as a page that moves. HTML with everything in it that is known when it is asked
// for, so that it says something without its script too; the script (site/page.js) follows GET /galaxy and
// GET /events and draws. Style, script and page come from this program alone: site/ is served at /look.
#pragma once
#include "aster/web/response.hpp"
#include "host/galaxy/galaxy.hpp"

namespace aster::host::galaxy::page {

web::response star_map(const galaxy_status& now);

}  // namespace aster::host::galaxy::page
