// The trace for programs: one JSON object a line. Everything that has a step of its own is there,
// timers and flushes too, so that `cause` can be followed from line to line: it is the `step` in
// which the item of the queue behind this line was scheduled.
#include "models/scenario/problem.h"
#include "tools/trace_sink.h"

namespace eosim::tools {
namespace {

// An object that is written from left to right.
class ObjectText {
 public:
  void put(std::string_view name, int64_t number) { add(name) += std::to_string(number); }
  void put(std::string_view name, uint64_t number) { add(name) += std::to_string(number); }
  void put(std::string_view name, bool flag) { add(name) += flag ? "true" : "false"; }
  void put(std::string_view name, std::string_view text) {
    add(name) += scenario::json_quoted(text);
  }
  void put(std::string_view name, const ObjectText& object) { add(name) += object.text(); }
  std::string text() const { return text_ + '}'; }

 private:
  std::string& add(std::string_view name) {
    if (text_.size() > 1) text_ += ',';
    return text_ += scenario::json_quoted(name) + ':';
  }

  std::string text_ = "{";
};

void put_message(ObjectText& object, const TraceMessage& message) {
  object.put("rpc", message.rpc);
  object.put("kind", std::string_view(message.request ? "request" : "response"));
  object.put("from", message.from);
  object.put("to", message.to);
  object.put("correlation", uint64_t{message.correlation});
  object.put("connection", std::to_string(message.connection.slot) + '.' +
                               std::to_string(message.connection.generation));
  object.put("bytes", uint64_t{message.bytes});
  object.put("late", message.late);
}

class JsonlSink final : public TraceSink {
 public:
  using TraceSink::TraceSink;

 protected:
  bool wants_background() const override { return true; }

  void write(const TraceItem& item) override {
    ObjectText line;
    line.put("time_ns", item.at.ns);
    line.put("step", item.step);
    line.put("cause", item.cause);
    line.put("process", item.process);
    if (item.thread) line.put("thread", uint64_t{*item.thread});
    line.put("event", item.event);
    ObjectText fields;
    if (item.message) put_message(fields, *item.message);
    for (const TraceField& field : item.fields) {
      if (field.number) {
        fields.put(field.name, *field.number);
      } else {
        fields.put(field.name, std::string_view(field.text));
      }
    }
    line.put("fields", fields);
    out() << line.text() << '\n';
  }
};

}  // namespace

std::unique_ptr<TraceSink> make_jsonl_sink(std::ostream& out, TraceFilter filter) {
  return std::make_unique<JsonlSink>(out, std::move(filter));
}

}  // namespace eosim::tools
