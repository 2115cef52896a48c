// Files in the image: a file system without a file system. What `asterism_crunch(TARGET DIR)` puts into a
// program is read through this; aster/crunch/folder.hpp begins with an example, docs/crunch.md tells the
// rest.
#pragma once
#include "aster/crunch/file.hpp"
#include "aster/crunch/folder.hpp"
#include "aster/crunch/live.hpp"
