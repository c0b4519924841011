#include "tools/compare_table.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "models/check/story_lines.h"
#include "models/protocol/messages.h"
#include "models/scenario/units.h"

namespace eosim::tools {
namespace {

constexpr size_t kLineWidth = 100;
constexpr size_t kGap = 2;

struct Cell {
  std::string text;
  bool bad = false;
};

struct Row {
  std::string name;         // empty, and no cells: a blank line
  std::vector<Cell> cells;  // by column
};

bool all_zero(const Row& row) {
  return std::all_of(row.cells.begin(), row.cells.end(),
                     [](const Cell& cell) { return cell.text == "0" || cell.text == "-"; });
}

// Rows from the results; `-` in a column that did not run, or has nothing to measure.
class Rows {
 public:
  explicit Rows(const CompareReport& report) : report_(report) {}

  template <typename Make>
  Row row(std::string name, Make make) const {
    Row made{std::move(name), {}};
    for (size_t i = 0; i < report_.results.size(); ++i) {
      const bool runs = report_.plan.columns[i].runs();
      made.cells.push_back(runs ? make(i, report_.results[i]) : Cell{"-"});
    }
    return made;
  }

  // `scale`: how many of the metric's units are one of the row's.
  Row median(std::string name, const std::string& metric, int64_t scale = 1) const {
    return row(std::move(name), [&](size_t, const ColumnResult& result) {
      const auto value = result.median(metric);
      return Cell{value ? number_text(*value / scale) : "-"};
    });
  }

  Row largest(std::string name, const std::string& metric, int64_t scale) const {
    return row(std::move(name), [&](size_t, const ColumnResult& result) {
      const auto value = result.largest(metric);
      return Cell{value ? number_text(*value / scale) : "-"};
    });
  }

  Row sum(std::string name, const std::string& prefix) const {
    return row(std::move(name), [&](size_t, const ColumnResult& result) {
      return Cell{number_text(result.sum_of_medians(prefix))};
    });
  }

 private:
  const CompareReport& report_;
};

std::string share_text(uint64_t part, uint64_t whole) {
  return part == 0 ? "0" : std::to_string(part) + '/' + std::to_string(whole);
}

std::vector<Row> heading(const CompareReport& report) {
  const auto& columns = report.plan.columns;
  std::vector<Row> rows = {{"guarantee", {}}, {"kafka", {}}};
  for (const SweptValue& value : columns.front().swept) rows.push_back({value.pointer, {}});
  for (const CompareColumn& column : columns) {
    rows[0].cells.push_back({column.guarantee});
    rows[1].cells.push_back({column.kafka});
    for (size_t i = 0; i < column.swept.size(); ++i) {
      rows[2 + i].cells.push_back({column.swept[i].text});
    }
  }
  return rows;
}

void add_violations(const CompareReport& report, std::vector<Row>& rows) {
  const Rows make(report);
  Row any = make.row("seeds with a violation", [](size_t, const ColumnResult& result) {
    const uint64_t seeds = result.violating().seeds;
    return Cell{share_text(seeds, result.runs()), seeds > 0};
  });
  for (size_t i = 0; i < report.plan.columns.size(); ++i) {
    const CompareColumn& column = report.plan.columns[i];
    if (!column.runs()) any.cells[i] = {column.refusal_brief};
  }
  rows.push_back(std::move(any));
  std::set<std::string> kinds;
  for (const ColumnResult& result : report.results) {
    for (const auto& [kind, shown] : result.kinds()) kinds.insert(kind);
  }
  for (const std::string& kind : kinds) {
    rows.push_back(make.row("  " + kind, [&kind](size_t, const ColumnResult& result) {
      const auto found = result.kinds().find(kind);
      const uint64_t seeds = found == result.kinds().end() ? 0 : found->second.seeds;
      return Cell{share_text(seeds, result.runs()), seeds > 0};
    }));
  }
  Row cut = make.row("runs cut at a limit", [](size_t, const ColumnResult& result) {
    return Cell{share_text(result.cut(), result.runs()), result.cut() > 0};
  });
  if (!all_zero(cut)) rows.push_back(std::move(cut));
}

void add_work(const CompareReport& report, std::vector<Row>& rows) {
  using kafka::Rpc;
  constexpr Rpc kShownRequests[] = {
      Rpc::kInitProducerId, Rpc::kAddPartitionsToTxn, Rpc::kAddOffsetsToTxn, Rpc::kTxnOffsetCommit,
      Rpc::kEndTxn,         Rpc::kWriteTxnMarkers,    Rpc::kOffsetCommit,    Rpc::kOffsetFetch,
      Rpc::kProduce};
  const Rows make(report);
  rows.push_back(make.median("producers", "producers.total"));
  rows.push_back(make.median("transactional ids", "producers.transactional"));
  rows.push_back(make.median("connections opened", "connections.opened"));
  rows.push_back(make.median("transactions committed", "transactions.committed"));
  rows.push_back(make.median("transactions aborted", "transactions.aborted"));
  rows.push_back(make.sum("requests, all", "requests."));
  for (const Rpc rpc : kShownRequests) {
    const std::string name(kafka::rpc_name(rpc));
    Row row = make.median("  " + name, "requests." + name);
    if (!all_zero(row)) rows.push_back(std::move(row));
  }
  rows.push_back(make.sum("retries", "retries."));
}

void add_times(const CompareReport& report, std::vector<Row>& rows) {
  constexpr int64_t kMs = 1'000'000;
  const Rows make(report);
  rows.push_back(make.median("rebalances", "rebalances"));
  rows.push_back(make.median("fencings", "fencings"));
  rows.push_back(make.median("takeover to commit, median ms", "latency.takeover.p50_ns", kMs));
  rows.push_back(make.largest("  longest of all seeds, ms", "latency.takeover.max_ns", kMs));
  rows.push_back(make.median("end-to-end latency p50, ms", "latency.end_to_end.p50_ns", kMs));
  rows.push_back(make.median("end-to-end latency p99, ms", "latency.end_to_end.p99_ns", kMs));
  rows.push_back(make.median("input records", "records.in"));
  rows.push_back(make.median("output records read", "records.delivered"));
}

size_t width_of(const std::vector<Row>& rows, size_t column) {
  size_t width = 0;
  for (const Row& row : rows) {
    if (!row.cells.empty()) width = std::max(width, row.cells[column].text.size());
  }
  return width + kGap;
}

void print_band(const std::vector<Row>& rows, size_t name_width, size_t first, size_t last,
                bool color, std::ostream& out) {
  for (const Row& row : rows) {
    std::string line = row.name;
    if (!row.cells.empty()) line.resize(std::max(line.size(), name_width), ' ');
    for (size_t i = first; i < last && !row.cells.empty(); ++i) {
      const Cell& cell = row.cells[i];
      line += std::string(width_of(rows, i) - cell.text.size(), ' ');
      line += color && cell.bad ? kRed + cell.text + kPlain : cell.text;
    }
    out << line << '\n';
  }
}

// The fields that fit, of all or of those that differ; one at least.
std::string with_fields(std::string line, const ComparedFact& fact, const ComparedFact& against,
                        bool all, size_t width) {
  size_t shown = 0;
  for (size_t i = 0; i < fact.fields.size(); ++i) {
    const ComparedFact::Field& field = fact.fields[i];
    const bool same = i < against.fields.size() && against.fields[i] == field;
    if (!all && same) continue;
    const std::string text = ' ' + field.name + '=' + (field.text.empty() ? "\"\"" : field.text);
    if (shown++ > 0 && line.size() + text.size() > width) return line + " ...";
    line += text;
  }
  return line;
}

std::string fact_line(const ComparedFact& fact, const ComparedFact& against, size_t width) {
  if (fact.event.empty()) return "nothing more";
  const std::string head = check::time_text(fact.at_ns) + "  " + fact.process + "  " + fact.event;
  const bool fits = with_fields(head, fact, against, true, SIZE_MAX).size() <= width;
  const bool all = fits || fact.event != against.event;
  return with_fields(head, fact, against, all, width);
}

// Words on lines of at most kLineWidth, after the first line indented.
std::string wrapped(const std::string& text, size_t indent) {
  std::string out;
  size_t column = indent;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const bool is_first = out.empty();
    if (!is_first && column + 1 + word.size() > kLineWidth) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!is_first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

void print_pair(const CompareReport& report, const Parting& parting, const FactPair& pair,
                std::ostream& out) {
  std::string one = report.plan.columns[first_running(report.plan)].label;
  std::string other = report.plan.columns[parting.column].label;
  const size_t width = std::max(one.size(), other.size());
  one.resize(width, ' ');
  other.resize(width, ' ');
  const size_t left = kLineWidth - std::min(kLineWidth / 2, width + 6 + 4);
  out << "    " << one << "  " << fact_line(pair.one, pair.other, left) << '\n'
      << "    " << other << "  " << fact_line(pair.other, pair.one, left) << '\n';
}

}  // namespace

std::string number_text(int64_t thousandths) {
  const int64_t tenths = (thousandths + 50) / 100;
  if (tenths < 1'000 && tenths % 10 != 0) return scenario::thousandths_text(tenths * 100);
  std::string digits = std::to_string((thousandths + 500) / 1'000);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

void print_table(const CompareReport& report, std::ostream& out) {
  std::vector<Row> rows = heading(report);
  rows.push_back({});
  add_violations(report, rows);
  rows.push_back({});
  add_work(report, rows);
  rows.push_back({});
  add_times(report, rows);
  size_t name_width = 0;
  for (const Row& row : rows) name_width = std::max(name_width, row.name.size());
  const size_t columns = report.plan.columns.size();
  for (size_t first = 0, last = 0; first < columns; first = last) {
    size_t width = name_width;
    do {
      width += width_of(rows, last++);
    } while (last < columns && width + width_of(rows, last) <= kLineWidth);
    if (first > 0) out << '\n';
    print_band(rows, name_width, first, last, report.color, out);
  }
}

void print_partings(const CompareReport& report, std::ostream& out) {
  for (const Parting& parting : report.partings) {
    if (!parting.first) {
      out << "  " << report.plan.columns[parting.column].label << " is the same run as "
          << report.plan.columns[first_running(report.plan)].label << '\n';
      continue;
    }
    out << (parting.deed ? "  the same event with other fields:\n" : "  another event:\n");
    print_pair(report, parting, *parting.first, out);
    if (!parting.deed) continue;
    out << "  and then another event:\n";
    print_pair(report, parting, *parting.deed, out);
  }
}

namespace {

// Each reason once, with the columns that it stops.
void print_refusals(const ComparePlan& plan, std::ostream& out) {
  std::vector<std::string> told;
  for (const CompareColumn& column : plan.columns) {
    if (column.runs() || std::find(told.begin(), told.end(), column.refusal) != told.end())
      continue;
    told.push_back(column.refusal);
    std::vector<std::string> stopped;
    for (const CompareColumn& other : plan.columns) {
      if (other.refusal == column.refusal) stopped.push_back(other.label);
    }
    out << '\n'
        << wrapped("cannot run: " + scenario::joined(stopped), 2) << "\n  "
        << wrapped(column.refusal, 2) << '\n';
  }
}

}  // namespace

void print_comparison(const CompareReport& report, std::ostream& out) {
  const ComparePlan& plan = report.plan;
  const std::string& name = plan.columns[first_running(plan)].input.loaded.scenario.name;
  out << name << "   seed" << (plan.seeds() == 1 ? " " : "s ") << plan.first_seed;
  if (plan.seeds() > 1) out << ".." << plan.last_seed;
  out << ", the same for every column; numbers are medians of a run\n\n";
  print_table(report, out);
  print_refusals(plan, out);
  if (!report.partings.empty()) {
    out << "\nfirst event where two columns part, seed " << plan.first_seed << '\n';
    print_partings(report, out);
  }
  out << "\nverdict  " << wrapped(comparison_verdict(report), 9) << '\n';
  out << "next     " << next_command(report) << '\n';
}

}  // namespace eosim::tools
