// A world owns everything of a run: processes, network, disks, clocks, the event queue, the
// choices, the faults, the digest. It is a value: copied in the middle of a run, both copies go on
// independently (design.md section 2). One world is used by one thread at a time.
//
// The implementation is spread by idea: world.cc (building, the loop), network.cc (connections and
// messages), process_control.cc (start, crash, pause, stall, clocks), slow_host.cc (slow processors
// and disks), fault_injection.cc (faults and triggers), context.cc (what a step may ask).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/assert.h"
#include "sim/choices.h"
#include "sim/cloned.h"
#include "sim/digest.h"
#include "sim/disk.h"
#include "sim/distribution.h"
#include "sim/event_queue.h"
#include "sim/fault.h"
#include "sim/ids.h"
#include "sim/process.h"
#include "sim/shared.h"
#include "sim/trace.h"

namespace eosim::sim {

class Context;

struct NetworkConfig {
  LogNormal latency;             // one way
  int64_t bytes_per_second = 0;  // of a link, one way; 0: no limit
  Ratio late{300, 1'000};        // of the requests in flight when a connection ends
  Duration late_max = seconds(30);
};

struct WorldConfig {
  uint64_t seed = 1;
  bool calm = false;
  NetworkConfig network;
  std::vector<std::string> message_kinds;  // names, by MessageKind
  uint64_t steps_per_instant_max = 1'000'000;
};

enum class ProcessState : uint8_t { kWaiting, kRunning, kPaused, kDown, kRemoved };

// Counts of the kernel, by message kind where it says so.
struct KernelCounts {
  std::vector<uint64_t> requests;   // sent
  std::vector<uint64_t> responses;  // delivered
  uint64_t connections = 0;
  uint64_t late_requests = 0;  // delivered after their connection had ended
  uint64_t lost_messages = 0;
};

class World {
 public:
  World(WorldConfig config, std::unique_ptr<Shared> shared);

  // --- building
  // ----------------------------------------------------------------------------------- Starts at
  // `start`; kNever: only when start() is called.
  ProcessId add_process(std::string name, std::unique_ptr<Process> process, Time start = {});
  void add_fault(FaultSpec fault);
  // Another model process begins at run time, or one that has ended begins again.
  void start(ProcessId process);
  // A process that runs is asked to end in order (StepKind::kStop). It has done so when its state
  // is kDown; whoever asked has to start it again.
  void stop(ProcessId process);
  void remove(ProcessId process);
  // A kControl step for a process, now.
  void control(ProcessId process, ActorId actor, TimerTag tag);
  // Shared::on_wake(tag) after `delay`: for faults of the model that take several moves. heal()
  // takes none of these back, and tells the model (Shared::on_heal).
  void wake_model(Duration delay, uint64_t tag);

  // --- running
  // ------------------------------------------------------------------------------------ One item
  // of the queue. false: nothing is left.
  bool step();
  Time now() const { return now_; }
  Time next_time() { return queue_.next_time(); }
  // Moves the clock to a moment at which nothing happens: sources stop, faults heal.
  void advance_to(Time at);
  uint64_t steps() const { return steps_; }
  uint64_t digest() const { return digest_.value(); }
  // Who watches; not owned, not copied: a copy of a world has no observers until it is given some.
  void set_observers(std::vector<Observer*> observers);

  // --- faults
  // ------------------------------------------------------------------------------------- What
  // holds ends: partitions lift, links are as before, paused and crashed processes come back, drift
  // ends. Scripted faults that have not struck will not.
  void heal();
  const std::vector<FaultRecord>& fault_records() const { return faults_; }
  bool faults_active() const;
  // Processes that a text stands for now: a name, a thread, a selector of the model.
  std::vector<Target> resolve(std::string_view text) const;

  // --- looking
  // ------------------------------------------------------------------------------------
  size_t process_count() const { return processes_.size(); }
  std::string_view name(ProcessId process) const { return slot(process).name; }
  ProcessId find(std::string_view name) const;  // kNoProcess: none
  const Process& process(ProcessId process) const { return *slot(process).process; }
  Process& process(ProcessId process) { return *slot(process).process; }
  ProcessState state(ProcessId process) const { return slot(process).state; }
  uint32_t incarnation(ProcessId process) const { return slot(process).incarnation; }
  const Disk& disk(ProcessId process) const { return slot(process).disk; }
  WallTime wall(ProcessId process) const;
  SteadyTime steady(ProcessId process) const;
  const Shared& shared() const { return *shared_; }
  Shared& shared() { return *shared_; }
  Choices& choices() { return choices_; }
  const Choices& choices() const { return choices_; }
  std::string_view message_name(MessageKind kind) const { return kinds_.at(kind.index); }
  MessageKind find_message_kind(std::string_view name) const;
  const KernelCounts& counts() const { return counts_; }
  // Requests whose connection has ended and that may still arrive.
  uint64_t orphans() const { return orphans_; }
  size_t pending() const { return queue_.size(); }
  // What the run holds, by counts and fixed sizes, so that every machine cuts a run alike.
  uint64_t memory_bytes() const {
    return events_.size() * 128 + connections_.size() * 256 + shared_->memory_bytes();
  }

 private:
  friend class Context;

  static constexpr uint32_t kNone = UINT32_MAX;

  enum class EventType : uint8_t {
    kFree,
    kStart,
    kRestart,
    kDeliver,
    kTimer,
    kCancelledTimer,
    kClosed,
    kDisk,
    kControl,
    kStop,
    kFaultBegin,
    kFaultEnd,
    kModel,
    kUnoccupied,  // a slow process has time for the next item
  };

  // An item of the queue, or something that waits to become one again (held, deferred, backlog).
  // One cache line: what only timers need is in tags_.
  struct alignas(64) Event {
    EventType type = EventType::kFree;
    bool request : 1 = false;
    bool late : 1 = false;        // its connection had ended when it was still on the way
    bool queued : 1 = false;      // in queue_
    bool arrived : 1 = false;     // at its process, and waits there: deferred or in the backlog
    bool released : 1 = false;    // was deferred, and goes before all else of its process
    bool promised : 1 = false;    // is its connection's `promised`
    bool unanswered : 1 = false;  // a fault drops the answer to this request
    MessageKind kind;
    ActorId actor;
    uint32_t generation = 0;
    ProcessId process;  // whose step it will be
    uint32_t incarnation = 0;
    ProcessId from;
    ConnectionId connection;
    uint32_t correlation = 0;
    uint32_t bytes = 0;
    uint32_t body = kNone;
    uint32_t previous = kNone;  // in the list of its connection
    uint32_t next = kNone;
    uint32_t fault = kNone;  // kFaultBegin: of faults_; kFaultEnd: of active_
    uint64_t cause = 0;
  };
  static_assert(sizeof(Event) == 64);

  // A list of event slots, linked through Event::previous and next.
  struct EventList {
    uint32_t first = kNone;
    uint32_t last = kNone;
    bool empty() const { return first == kNone; }
  };

  // One direction between two processes.
  struct Link {
    ProcessId from;
    ProcessId to;
    uint64_t hash = 0;     // of both names
    uint32_t blocked = 0;  // partitions that hold it
    int64_t factor_thousandths = 1'000;
    Time busy_until{};              // bandwidth
    std::vector<StreamId> latency;  // by message kind, requests then responses
    StreamId end;                   // what becomes of requests when a connection ends
  };

  struct Connection {
    uint32_t generation = 0;
    bool in_use = false;
    bool open = false;       // both ends stand, as far as the network knows
    bool forgotten = false;  // the client has closed it, was told of its end, or is gone
    bool broken = false;     // the server end is gone: nothing is delivered to it any more
    bool hole = false;       // a response was lost: nothing after it arrives
    bool busy = false;       // a request is being handled
    bool promised = false;   // a request has left the backlog and is about to be handled
    bool telling = false;    // the client's kClosed is on the way, or held by a partition
    bool telling_held = false;
    uint32_t references = 0;  // events that name it
    ProcessId client;
    ProcessId server;
    uint32_t client_incarnation = 0;
    uint32_t server_incarnation = 0;
    ActorId owner;  // client's actor that is told of the end
    uint32_t link_to_server = kNone;
    uint32_t link_to_client = kNone;
    Time to_server_last{};
    Time to_client_last{};
    // Once it has ended: when the last request so far arrives that arrives nevertheless, and
    // whether one was lost.
    Time to_server_orphans{};
    bool lost_requests = false;
    // The request that is being handled.
    bool handling_unanswered = false;
    uint32_t handling_correlation = 0;
    ActorId handling_actor;
    MessageKind handling_kind;
    EventList requests;  // on the way, in order
    EventList responses;
    EventList held_requests;  // by a partition
    EventList held_responses;
    EventList backlog;  // arrived while a request was being handled
  };

  struct Stall {
    ActorId actor;
    uint32_t depth = 0;
    std::vector<uint32_t> deferred;
  };

  struct ProcessSlot {
    std::string name;
    uint64_t hash = 0;
    Cloned<Process> process;
    ProcessState state = ProcessState::kWaiting;
    uint32_t incarnation = 0;
    uint32_t pauses = 0;
    uint32_t releasing = 0;  // deferred items that fall due now: others of this process wait
    bool host_down = false;  // lost power: nobody answers, not even with a reset
    bool returns = false;    // starts again as soon as it has ended in order
    std::vector<uint32_t> deferred;
    std::vector<Stall> stalls;
    Disk disk;
    // A slow host (slow_host.cc): how long the steps so far keep it busy, and what waits for it.
    int64_t cpu_factor_thousandths = 1'000;
    int64_t disk_factor_thousandths = 1'000;
    Time occupied_until{};
    Time disk_busy_until{};
    std::vector<uint32_t> waiting;  // in order, from `waiting_first` on
    size_t waiting_first = 0;
    uint32_t unoccupied = UINT32_MAX;  // the event at the end of it; none: nothing waits
    uint32_t admitted = UINT32_MAX;    // the item whose turn it is
    bool slow() const { return cpu_factor_thousandths > 1'000 || disk_factor_thousandths > 1'000; }
    bool any_waiting() const { return waiting_first < waiting.size(); }
    Duration wall_offset{};
    int64_t drift_ppm_sum = 0;  // of the faults that hold
    int64_t drift_ppm() const;
    Time drift_since{};
    Duration drift_so_far{};
  };

  // How the fields of a fact go into the digest: bits by number.
  struct FactForm {
    uint16_t left_out = 0;  // ids of stores
    uint16_t hashed = 0;    // by the model, or as a process; others as they are
  };
  static_assert(kFieldsMax <= 16);

  // Whom a fault that holds has struck, so that its end undoes the same.
  struct Victim {
    Target target;
    uint32_t incarnation = 0;
  };
  struct ActiveFault {
    uint32_t fault = kNone;  // kNone: a free place
    std::vector<Victim> victims;
    std::vector<ProcessId> side;    // partition: `between`
    std::vector<ProcessId> others;  // partition: the other side
    bool once = false;              // a message rule that ends with its first match
  };

  // Not copied with the world: a copy is watched by nobody until somebody watches it.
  struct Watchers {
    Watchers() = default;
    Watchers(const Watchers&) {}
    Watchers(Watchers&&) noexcept = default;
    Watchers& operator=(const Watchers&) { return *this = Watchers(); }
    Watchers& operator=(Watchers&&) noexcept = default;
    std::vector<Observer*> all;
    bool kernel_records = false;
    bool notes = false;
  };

  ProcessSlot& slot(ProcessId process) { return processes_.at(process.index); }
  const ProcessSlot& slot(ProcessId process) const { return processes_.at(process.index); }

  // world.cc
  void digest_fact(const EventKind& what, const TraceEvent& event);
  uint64_t hash_of_process(int64_t index) const;
  void add_event_slot();
  uint32_t new_event(EventType type, ProcessId process);
  void free_event(uint32_t index);
  void push_event(Time at, uint32_t index);
  void unqueue(uint32_t index);
  void prefetch() const;
  void dispatch(uint32_t index);
  bool defer(uint32_t index);
  void run_step(ProcessId process, const Step& step);
  void fire(uint32_t index, StepKind kind, KernelEvent record);
  void report(const Event& event, KernelEvent what, std::string_view text = {});
  [[noreturn]] void stuck_in_an_instant(uint32_t index) const;

  // network.cc
  ConnectionId connect(ProcessId client, ActorId owner, ProcessId server);
  Connection* find(ConnectionId id);
  const Connection* find(ConnectionId id) const;
  Connection& connection_of(const Event& event);
  uint32_t link(ProcessId from, ProcessId to);
  Duration travel_time(Link& link, const Event& event);
  void send_request(ConnectionId id, ActorId actor, MessageKind kind, uint32_t correlation,
                    uint32_t bytes, uint32_t body);
  bool send_response(ConnectionId id, MessageKind kind, uint32_t correlation, uint32_t bytes,
                     uint32_t body);
  void transmit(Connection& connection, uint32_t index);
  void put_on_the_way(Connection& connection, uint32_t index, Duration extra);
  void deliver_request(uint32_t index);
  void deliver_response(uint32_t index);
  void handle_request(uint32_t index);
  void finish_request(ConnectionId id);
  void close_by_client(ConnectionId id);
  void end_connection(ConnectionId id);
  void end_by_server(ConnectionId id, bool tell);
  void tell_client(ConnectionId id);
  void deliver_closed(uint32_t index);
  void settle_outcomes(Connection& connection, EventList& list, bool held);
  void drop_message(uint32_t index);
  void drop_list(EventList& list);
  void maybe_free(ConnectionId id);
  void release_held(uint32_t link_index);
  void delay_message(uint32_t index, Duration by);
  void withdraw_message(uint32_t index);
  void append(EventList& list, uint32_t index);
  void unlink(EventList& list, uint32_t index);

  // process_control.cc
  void start_process(ProcessId process);
  void crash(ProcessId process, FaultKind how);
  void cut_disk(ProcessId process);
  void end_exited();
  void come_back(ProcessId process);
  void pause(ProcessId process);
  void resume(ProcessId process);
  void stall(ProcessId process, ActorId actor);
  void unstall(ProcessId process, ActorId actor);
  void release_deferred(ProcessId process, const std::vector<uint32_t>& deferred);
  void add_drift(ProcessId process, int64_t ppm);
  Stall* find_stall(ProcessSlot& process, ActorId actor);

  // slow_host.cc
  void refresh_speed(ProcessId process);
  void occupy(ProcessSlot& process, uint64_t writes_before);
  bool wait_for_turn(ProcessSlot& process, uint32_t index);
  void await_turn(ProcessSlot& process);
  void next_turn(ProcessId process);
  std::vector<uint32_t> take_waiting(ProcessSlot& process);
  Time flush_end(ProcessId process);

  // fault_injection.cc
  struct Strike;
  void begin_fault(uint32_t fault, const Strike* strike);
  void end_fault(uint32_t active);
  void apply(ActiveFault& active, bool begin);
  bool strike_message(const FaultSpec& fault, const Strike& strike);
  void drop_answer(const Strike& strike);
  void strike_pending();
  // What the message faults that hold do to a message that is leaving. true: it is lost.
  bool message_rules(Connection& connection, uint32_t event, Duration& extra);
  bool rule_matches(const FaultSpec& fault, const Event& event) const;
  void message_trigger(Phase phase, const Event& event, uint32_t index);
  void event_trigger(const TraceEvent& event);
  bool end_matches(std::string_view text, ProcessId process, const ActorId* actor) const;
  void refresh_links();
  void refresh_link(Link& link) const;
  void reset_connections(const FaultSpec& fault);
  std::vector<ProcessId> resolve_all(const std::vector<std::string>& texts) const;

  struct Strike {
    uint32_t fault = kNone;
    ConnectionId connection;  // of the message that triggered it
    uint32_t event = kNone;   // that message, if it is still on the way
    uint32_t event_generation = 0;
    uint32_t correlation = 0;
  };
  struct ArmedTrigger {
    uint32_t fault = kNone;
    uint32_t matches = 0;
    EventKindId event;   // for event triggers
    bool spent = false;  // has struck and does not repeat
  };

  WorldConfig config_;
  std::vector<std::string> kinds_;
  Cloned<Shared> shared_;
  Choices choices_;
  EventQueue queue_;
  Digest digest_;
  Time now_{};
  uint64_t steps_ = 0;
  uint64_t steps_this_instant_ = 0;
  uint64_t current_cause_ = 0;
  bool stepping_ = false;
  ProcessId exiting_ = kNoProcess;  // ends with this step
  std::vector<Event> events_;
  std::vector<TimerTag> tags_;  // by event: of timers, flushes and controls
  std::vector<uint32_t> free_events_;
  std::vector<ProcessSlot> processes_;
  std::vector<Connection> connections_;
  std::vector<uint32_t> free_connections_;
  std::vector<Link> links_;
  std::vector<std::vector<uint32_t>> link_index_;  // by from: links_ sorted by `to`
  std::vector<FaultRecord> faults_;
  std::vector<ActiveFault> active_;
  uint32_t active_count_ = 0;
  uint32_t message_rule_count_ = 0;  // of active_
  std::vector<ArmedTrigger> triggers_;
  std::vector<uint8_t> triggered_kinds_;   // by message kind: a bit for each phase
  std::vector<uint8_t> triggered_events_;  // by event kind
  std::vector<FactForm> fact_forms_;       // by event kind
  std::vector<Strike> strikes_;
  bool healed_ = false;
  uint64_t orphans_ = 0;
  KernelCounts counts_;
  Watchers watchers_;
};

inline const World::Connection* World::find(ConnectionId id) const {
  if (id.slot >= connections_.size()) return nullptr;
  const Connection& found = connections_[id.slot];
  return found.in_use && found.generation == id.generation ? &found : nullptr;
}

inline World::Connection* World::find(ConnectionId id) {
  return const_cast<Connection*>(static_cast<const World*>(this)->find(id));
}

inline uint32_t World::new_event(EventType type, ProcessId process) {
  if (free_events_.empty()) add_event_slot();
  const uint32_t index = free_events_.back();
  free_events_.pop_back();
  Event& event = events_[index];
  const uint32_t generation = event.generation;
  event = Event{};
  event.type = type;
  event.generation = generation;
  event.process = process;
  if (process != kNoProcess) event.incarnation = slot(process).incarnation;
  event.cause = stepping_ ? steps_ : 0;
  return index;
}

inline void World::free_event(uint32_t index) {
  Event& event = events_[index];
  EOSIM_ASSERT(event.type != EventType::kFree && !event.queued);
  if (event.released && event.incarnation == slot(event.process).incarnation) {
    --slot(event.process).releasing;
  }
  event.type = EventType::kFree;
  ++event.generation;
  free_events_.push_back(index);
  if (event.connection == kNoConnection) return;
  if (Connection* named = find(event.connection)) {
    EOSIM_ASSERT(named->references > 0);
    --named->references;
    if (named->references == 0 && !named->busy) maybe_free(event.connection);
  }
}

inline void World::push_event(Time at, uint32_t index) {
  EOSIM_ASSERT(!events_[index].queued);
  events_[index].queued = true;
  queue_.push(at, index);
}

}  // namespace eosim::sim
