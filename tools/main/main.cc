#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tools/program.h"

int main(int argc, char** argv) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  eosim::tools::Console console{std::cout, std::cerr, error ? argv[0] : self.string()};
  console.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  console.err_is_terminal = isatty(STDERR_FILENO) == 1;
  const char* no_color = std::getenv("NO_COLOR");
  console.no_color = no_color != nullptr && *no_color != '\0';
  return eosim::tools::main_with({argv + 1, argv + argc}, console);
}
