#include "host/galaxy/api/operation.hpp"

#include <algorithm>
#include <map>

#include "host/galaxy/api/messages.hpp"

namespace aster::host::galaxy {
namespace {

std::string_view method_name(http::method m) {
  switch (m) {
    case http::method::get: return "get";
    case http::method::head: return "head";
    case http::method::post: return "post";
    case http::method::put: return "put";
    case http::method::delete_: return "delete";
    case http::method::connect: return "connect";
    case http::method::options: return "options";
    case http::method::trace: return "trace";
    case http::method::patch: return "patch";
    case http::method::other: return "other";
  }
  return "other";
}

void append_member(std::string& to, std::string_view name, std::string_view json_text) {
  if (!to.ends_with('{')) to += ',';
  json::append_string(to, name);
  to.append(":").append(json_text);
}

std::string quoted(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

std::string content(const std::vector<described_body>& bodies) {
  std::string out = "{";
  for (const described_body& b : bodies) append_member(out, b.type, "{\"schema\":" + b.schema + '}');
  return out + '}';
}

std::string parameters(const described_operation& d) {
  std::string out = "[";
  for (const described_parameter& p : d.parameters) {
    if (out.size() > 1) out += ',';
    std::string one = "{";
    append_member(one, "name", quoted(p.name));
    append_member(one, "in", p.in_path ? "\"path\"" : "\"query\"");
    append_member(one, "required", p.required ? "true" : "false");
    append_member(one, "schema", p.repeated ? R"({"type":"array","items":)" + p.schema + '}' : p.schema);
    if (!p.expected.empty()) append_member(one, "description", quoted(p.expected));
    out += one + '}';
  }
  return out + ']';
}

std::string operation_text(const described_operation& d, const std::string& problem) {
  std::string out = "{";
  append_member(out, "summary", quoted(d.summary));
  if (!d.parameters.empty()) append_member(out, "parameters", parameters(d));
  if (d.body) append_member(out, "requestBody", R"({"required":true,"content":)" + content({*d.body}) + '}');
  std::string good = R"({"description":)";
  good += d.status == 202 ? "\"It is asked for; events tell the rest\"" : "\"Done\"";
  if (!d.answers.empty()) append_member(good, "content", content(d.answers));
  std::string responses = "{";
  append_member(responses, std::to_string(d.status), good + '}');
  append_member(
      responses, "default",
      R"({"description":"Why not","content":)" + content({{"application/problem+json", problem}}) + '}');
  append_member(out, "responses", responses + '}');
  return out + '}';
}

}  // namespace

std::string openapi_document(std::string_view title, std::string_view version,
                             const std::vector<described_operation>& operations, schemas& s) {
  const std::string problem = s.of<problem_document>();
  std::string out = R"({"openapi":"3.1.0")", info = "{", paths = "{", named = "{";
  append_member(info, "title", quoted(title));
  append_member(info, "version", quoted(version));
  append_member(out, "info", info + '}');
  std::map<std::string_view, std::string> by_path;
  for (const described_operation& d : operations) {
    std::string& methods = by_path.try_emplace(d.path, "{").first->second;
    append_member(methods, method_name(d.method), operation_text(d, problem));
  }
  for (const auto& [path, methods] : by_path) append_member(paths, path, methods + '}');
  append_member(out, "paths", paths + '}');
  for (const auto& [name, schema] : s.named()) append_member(named, name, schema);
  append_member(out, "components", R"({"schemas":)" + named + "}}");
  return out + '}';
}

}  // namespace aster::host::galaxy
