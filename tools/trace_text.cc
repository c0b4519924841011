// The trace for people: one line an item, the columns time, process (or thread) and what happened.
// A message has its connection and its correlation, which request and response share: a process may
// have many clients that count for themselves.
//
//    12.003112  app-0       -> broker-1    EndTxn request #7.17 transactional_id=app-0-0 ...
//    12.003640  broker-1    <- app-0       EndTxn request #7.17 transactional_id=app-0-0 ...
//    12.003640  broker-1    transaction.transition     transactional_id=app-0-0 from=Ongoing ...
#include <algorithm>

#include "tools/trace_sink.h"

namespace eosim::tools {
namespace {

constexpr size_t kTimeWidth = 12;
constexpr size_t kNameWidthMin = 8;
constexpr size_t kNameWidthMax = 24;
constexpr size_t kEventWidth = 26;

void pad_to(std::string& line, size_t column) { line.resize(std::max(line.size(), column), ' '); }

// Simulated seconds with six decimals.
std::string time_text(sim::Time at) {
  const int64_t us = at.ns / 1'000;
  const std::string fraction = std::to_string(1'000'000 + us % 1'000'000).substr(1);
  std::string text = std::to_string(us / 1'000'000) + '.' + fraction;
  if (text.size() < kTimeWidth) text.insert(0, kTimeWidth - text.size(), ' ');
  return text;
}

// Quoted where a reader could not see the end of the value.
std::string value_text(const std::string& text) {
  const bool is_plain = !text.empty() && (text.front() == '{' || text.find(' ') == text.npos);
  return is_plain ? text : '"' + text + '"';
}

class TextSink final : public TraceSink {
 public:
  using TraceSink::TraceSink;

 protected:
  // As wide as the names are at the start; longer ones push the rest of their line.
  void begin(const sim::World& world) override {
    for (uint32_t i = 0; i < world.process_count(); ++i) {
      const sim::ProcessId process{i};
      name_width_ = std::max(name_width_, world.name(process).size());
      const bool has_threads = world.shared().stallable_actors(world, process).size() > 1;
      if (has_threads) name_width_ = std::max(name_width_, world.name(process).size() + 2);
    }
    name_width_ = std::min(name_width_, kNameWidthMax);
  }

  void write(const TraceItem& item) override {
    std::string line = time_text(item.at) + "  " + item.process_text();
    pad_to(line, kTimeWidth + 2 + name_width_);
    line += "  ";
    const size_t begin = line.size();
    if (item.message) {
      add_message(line, item);
    } else {
      line += item.event;
      if (!item.fields.empty()) pad_to(line, begin + kEventWidth);
    }
    for (const TraceField& field : item.fields) {
      line += ' ' + std::string(field.name) + '=' + value_text(field.text);
    }
    out() << line << '\n';
  }

 private:
  void add_message(std::string& line, const TraceItem& item) const {
    const TraceMessage& message = *item.message;
    const bool delivered = item.kernel == sim::KernelEvent::kDelivered;
    const size_t begin = line.size();
    line += delivered ? "<- " : item.kernel == sim::KernelEvent::kDropped ? "-x " : "-> ";
    line += delivered ? message.from : message.to;
    pad_to(line, begin + 3 + name_width_);
    line += "  " + std::string(message.rpc) + (message.request ? " request #" : " response #") +
            std::to_string(message.connection.slot) + '.' + std::to_string(message.correlation);
    if (message.late) line += " (late)";
  }

  size_t name_width_ = kNameWidthMin;
};

}  // namespace

std::unique_ptr<TraceSink> make_text_sink(std::ostream& out, TraceFilter filter) {
  return std::make_unique<TextSink>(out, std::move(filter));
}

}  // namespace eosim::tools
