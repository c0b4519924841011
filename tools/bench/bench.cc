// eosim_bench: what the kernel costs, beside a bare loop over std::priority_queue in the same
// process. `eosim_bench` takes about 20 s; `eosim_bench --quick` takes about 3 s and leaves out the
// queues of a million.
#include <cstdio>
#include <string_view>

#include "harness.h"
#include "kernel_cases.h"
#include "queue_cases.h"

int main(int argc, char** argv) {
  const bool quick = argc == 2 && std::string_view(argv[1]) == "--quick";
  if (argc > 1 && !quick) {
    std::fprintf(stderr, "usage: eosim_bench [--quick]\n");
    return 2;
  }
  eosim::tools::Bench bench;
  eosim::tools::add_queue_cases(bench, quick);
  eosim::tools::add_kernel_cases(bench);
  bench.run(quick ? 2.0 : 10.0, quick ? 3 : 7);
  bench.print();
  return 0;
}
