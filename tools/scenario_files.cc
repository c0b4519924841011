#include "tools/scenario_files.h"

#include <algorithm>
#include <filesystem>

#include "models/scenario/nearest.h"

namespace eosim::tools {
namespace {

namespace fs = std::filesystem;
using scenario::Result;

constexpr size_t kShippedMax = 10'000;

std::string without(std::string name, const std::string& prefix, const std::string& suffix) {
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  if (name.ends_with(suffix)) name.erase(name.size() - suffix.size());
  return name;
}

bool is_file(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error) && !fs::is_directory(path, error);
}

}  // namespace

std::string scenario_folder(const Console& console) {
  const fs::path folder = fs::path(console.program).parent_path();
  for (const char* candidate :
       {"scenarios", "../share/eosim/scenarios", "../scenarios", "../../scenarios"}) {
    const fs::path path = folder / candidate;
    std::error_code error;
    if (fs::is_regular_file(path / "schema.json", error)) return path.lexically_normal().string();
  }
  return {};
}

std::vector<ShippedScenario> shipped_scenarios(const Console& console) {
  std::vector<ShippedScenario> out;
  const std::string folder = scenario_folder(console);
  if (folder.empty()) return out;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (out.size() >= kShippedMax) break;
    const fs::path& path = at->path();
    const std::string name = path.lexically_relative(folder).replace_extension().generic_string();
    const bool is_scenario = path.extension() == ".json" && name.find('/') != std::string::npos;
    if (is_scenario && at->is_regular_file(error)) out.push_back({name, path.string()});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

Result<std::string> find_scenario(const Console& console, const std::string& name) {
  if (is_file(name)) return name;
  const std::string wanted = without(name, "scenarios/", ".json");
  std::vector<std::string> names, paths;
  for (const ShippedScenario& one : shipped_scenarios(console)) {
    if (one.name == wanted) return one.path;
    names.push_back(one.name);
    if (fs::path(one.name).filename() == wanted) paths.push_back(one.path);
  }
  if (paths.size() == 1) return paths.front();
  std::string near = scenario::nearest(wanted, names);
  for (const std::string& one : names) {  // a slip in the last part alone
    if (near.empty() &&
        !scenario::nearest(wanted, std::vector{fs::path(one).filename().string()}).empty()) {
      near = one;
    }
  }
  return argument_problem(scenario::shown(name),
                          paths.empty() ? "no such file, and no shipped scenario of that name"
                                        : "several shipped scenarios are called so",
                          "a path, or a name from `eosim list scenarios`", near);
}

scenario::Overrides overrides_of(const Arguments& arguments) {
  return {arguments.text("variant"), arguments.text("preset"), arguments.text("guarantee"),
          arguments.all("set")};
}

Result<scenario::Document> open_document(const Console& console, const std::string& name) {
  const Result<std::string> path = find_scenario(console, name);
  if (!path) return path.problems();
  const Result<std::string> text = scenario::read_file(*path);
  if (!text) return text.problems();
  return scenario::parse_document(*text, *path);
}

Result<scenario::Loaded> open_scenario(const Console& console, const std::string& name,
                                       const scenario::Overrides& overrides) {
  Result<scenario::Document> document = open_document(console, name);
  if (!document) return document.problems();
  return scenario::load_scenario(std::move(*document), overrides);
}

}  // namespace eosim::tools
