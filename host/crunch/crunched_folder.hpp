// A directory as it will lie in an image: every file with its type, its codings, its URLs and its name in
// C++.
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "host/crunch/source_tree.hpp"

namespace aster::host::crunch {

struct crunched_file {
  std::string path;           // "/css/style.css"
  std::string fingerprinted;  // "/css/style.3f9c2a1b.css"
  std::string url;            // that, percent-encoded
  std::string type;           // for Content-Type
  std::string content;
  std::string gzip, brotli;         // empty where they do not help
  std::string sha256;               // of the content, in hex
  std::vector<std::string> scopes;  // names of the directories in C++: {"css"}
  std::string identifier;           // "style_css"
};

struct crunched_folder {
  std::string name;                  // the namespace: "assets"
  std::vector<crunched_file> files;  // by path

  /// The name of a file in C++: "assets::css::style_css".
  std::string full_name(const crunched_file& file) const;
};

/// One line of the table by which files are found (aster/crunch/folder.hpp).
struct table_entry {
  std::string path;
  const crunched_file* file;
  bool is_immutable;
};

/// Compresses and names the files of `tree`. The error is one line with the mend: a name that cannot be a
/// namespace, or two files that would have the same name in C++ or the same path.
std::expected<crunched_folder, std::string> crunch_tree(source_tree tree, std::string_view name);

/// All ways to ask for a file of `folder`, in the order of the table.
std::vector<table_entry> table_of(const crunched_folder& folder);

}  // namespace aster::host::crunch
