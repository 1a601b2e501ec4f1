// SPDX-License-Identifier: Apache-2.0
#include "service/nodes.hpp"

#include <pthread.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <future>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace dragoman::service {
namespace json = boost::json;
namespace {

constexpr std::string_view prefix = "dragoman.nodes.";
constexpr std::size_t most_name = 128;
constexpr int beats_until_lost = 4;

// Null: it is not there, or no text of that length.
const json::string* text(const json::object& from, std::string_view key, std::size_t most) {
  const json::value* value = from.if_contains({key.data(), key.size()});
  const json::string* found = value ? value->if_string() : nullptr;
  return found && !found->empty() && found->size() <= most ? found : nullptr;
}

const json::object* object(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains({key.data(), key.size()});
  return value ? value->if_object() : nullptr;
}

std::string_view view(const json::string& s) {
  return {s.data(), s.size()};
}

}  // namespace

struct Nodes::Question {
  std::set<std::string> missing;  // ids
  std::map<std::string, Answered> answers;
  std::size_t bytes = 0;
  std::int64_t until_ms = 0;
  bool complete = true;
  Gathered done;
};

Nodes::Nodes(Options options, bus::Bus& bus)
    : options_(std::move(options)),
      bus_(bus),
      id_(std::string_view(event::make_event_id()).substr(0, 16)),
      beat_timer_([](void* self) { static_cast<Nodes*>(self)->beat(); }, this),
      question_timer_([](void* self) { static_cast<Nodes*>(self)->expire_questions(); }, this) {}

Nodes::~Nodes() {
  stop();
}

std::string Nodes::all_key() {
  return std::string(prefix) + "all";
}

std::string Nodes::own_key() const {
  return std::string(prefix) + id_;
}

void Nodes::answer(std::string topic, std::function<void(const json::object&, Reply)> with) {
  answers_[std::move(topic)] = std::move(with);
}

void Nodes::on_news(std::string topic, std::function<void(const std::string&, const json::object&)> f) {
  news_[std::move(topic)] = std::move(f);
}

void Nodes::start() {
  running_ = true;
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "nodes");
    loop_.run();
  });
  loop_.post([this] {
    hello(true, all_key());
    loop_.arm(beat_timer_, options_.heartbeat_ms);
  });
}

void Nodes::stop() {
  if (!running_.exchange(false)) return;
  const auto said = std::make_shared<std::promise<void>>();
  std::future<void> heard = said->get_future();
  loop_.post([this, said] {
    while (!questions_.empty()) finish(questions_.begin()->first, false);
    publish(all_key(), {{"kind", "bye"}}, [said] { said->set_value(); });
  });
  // The broker should have it before the connection ends.
  heard.wait_for(std::chrono::milliseconds(options_.deadline_ms));
  loop_.stop();
  thread_.join();
  loop_.finish();
}

void Nodes::publish(const std::string& key, json::object message, std::function<void()> done) {
  message["from"] = id_;
  const event::EventId id = event::make_event_id();
  const std::string body = json::serialize(message);
  event::EventParts parts;
  parts.id = id;
  parts.channel = options_.channel;
  parts.key = key;
  parts.content_type = "application/json";
  parts.body = body;
  parts.time_ms = base::unix_ms();
  bus_.publish({event::make_event(parts)}, [done = std::move(done)](event::PublishStatus) {
    if (done) done();
  });
}

void Nodes::hello(bool news, const std::string& key) {
  json::object message{{"kind", "hello"}, {"name", options_.name}};
  // Whoever hears it greets in turn, at once.
  if (news) message["new"] = true;
  publish(key, std::move(message));
}

void Nodes::beat() {
  loop_.arm(beat_timer_, options_.heartbeat_ms);
  hello(false, all_key());
  const std::int64_t lost = base::monotonic_ms() - std::int64_t{beats_until_lost} * options_.heartbeat_ms;
  std::vector<std::string> silent;
  for (const auto& [id, node] : nodes_)
    if (node.seen_ms < lost) silent.push_back(id);
  for (const std::string& id : silent) forget(id, "it is silent");
  if (beat_) beat_();
}

bool Nodes::concerns(const event::Event& event) const {
  return event.channel == options_.channel && event.key.starts_with(prefix);
}

void Nodes::receive(event::EventPtr event) {
  const std::size_t bytes = event->bytes();
  if (!running_ || waiting_bytes_.fetch_add(bytes) > most_waiting) {
    if (running_) waiting_bytes_ -= bytes;
    ++refused_;
    return;
  }
  loop_.post([this, event = std::move(event), bytes] {
    waiting_bytes_ -= bytes;
    if (!running_) return;
    try {
      read(*event);
    } catch (const std::exception& error) {
      ++refused_;
      base::log(base::LogLevel::warn, "message of another node cannot be read", {{"why", error.what()}});
    }
  });
}

void Nodes::read(const event::Event& event) {
  boost::system::error_code failure;
  const json::value parsed = json::parse(event.body, failure);
  const json::object* message = failure ? nullptr : parsed.if_object();
  const json::string* from = message ? text(*message, "from", 32) : nullptr;
  const json::string* kind = message ? text(*message, "kind", 16) : nullptr;
  if (!from || !kind) {
    ++refused_;
    return;
  }
  const std::string id(*from);
  if (id == id_) return;
  if (*kind == "bye") return forget(id, "it stops");
  if (*kind == "hello") return greeted(id, *message);
  const auto known = nodes_.find(id);
  // It thinks that we know it; it will answer with its name.
  if (known == nodes_.end()) return hello(true, std::string(prefix) + id);
  known->second.seen_ms = base::monotonic_ms();
  if (*kind == "ask") return asked(id, *message);
  if (*kind == "answer") return answered(id, *message, event.body.size());
  const json::string* topic = *kind == "tell" ? text(*message, "topic", 64) : nullptr;
  const json::object* news = object(*message, "body");
  if (!topic || !news) {
    ++refused_;
    return;
  }
  if (const auto found = news_.find(view(*topic)); found != news_.end()) found->second(id, *news);
}

void Nodes::greeted(const std::string& id, const json::object& message) {
  const json::string* name = text(message, "name", most_name);
  const auto known = nodes_.find(id);
  if (!name || (known == nodes_.end() && nodes_.size() >= most_nodes)) {
    ++refused_;
    return;
  }
  if (message.contains("new")) hello(false, std::string(prefix) + id);
  if (known != nodes_.end()) {
    known->second.seen_ms = base::monotonic_ms();
    return;
  }
  nodes_[id] = {std::string(*name), base::monotonic_ms()};
  count_ = nodes_.size();
  base::log(base::LogLevel::info, "node joined", {{"node", view(*name)}, {"id", id}});
  if (joined_) joined_(id);
}

void Nodes::forget(const std::string& id, const char* why) {
  const auto found = nodes_.find(id);
  if (found == nodes_.end()) return;
  base::log(base::LogLevel::info, "node left", {{"node", found->second.name}, {"id", id}, {"why", why}});
  nodes_.erase(found);
  count_ = nodes_.size();
  if (left_) left_(id);
  std::vector<std::uint64_t> done;
  for (const auto& [number, question] : questions_) {
    if (!question->missing.erase(id)) continue;
    question->complete = false;
    if (question->missing.empty()) done.push_back(number);
  }
  for (const std::uint64_t number : done) finish(number, true);
}

void Nodes::ask(std::string_view topic, json::object question, Gathered done) {
  if (!running_) return done({}, false);
  loop_.post([this, topic = std::string(topic), question = std::move(question), done = std::move(done)]() mutable {
    if (!running_ || !bus_.connected() || questions_.size() >= most_questions) return done({}, false);
    if (nodes_.empty()) return done({}, true);
    auto waiting = std::make_unique<Question>();
    for (const auto& node : nodes_) waiting->missing.insert(node.first);
    waiting->until_ms = base::monotonic_ms() + options_.deadline_ms;
    waiting->done = std::move(done);
    const std::uint64_t number = ++last_question_;
    questions_[number] = std::move(waiting);
    if (!question_timer_.armed()) loop_.arm(question_timer_, options_.deadline_ms);
    publish(all_key(), {{"kind", "ask"}, {"number", number}, {"topic", topic}, {"body", std::move(question)}});
  });
}

void Nodes::asked(const std::string& id, const json::object& message) {
  const json::string* topic = text(message, "topic", 64);
  const json::object* question = object(message, "body");
  const json::value* number = message.if_contains("number");
  const auto found = topic ? answers_.find(view(*topic)) : answers_.end();
  if (!question || !number || !number->is_number() || found == answers_.end()) {
    ++refused_;
    return;
  }
  found->second(*question, [this, id, number = *number](json::array entries) {
    if (!running_) return;
    const std::string key = std::string(prefix) + id;
    json::array part;
    std::size_t bytes = 0;
    for (json::value& entry : entries) {
      bytes += json::serialize(entry).size();
      part.push_back(std::move(entry));
      if (bytes < message_bytes) continue;
      publish(key, {{"kind", "answer"}, {"number", number}, {"entries", std::move(part)}});
      part = {};
      bytes = 0;
    }
    publish(key, {{"kind", "answer"}, {"number", number}, {"entries", std::move(part)}, {"last", true}});
  });
}

void Nodes::answered(const std::string& id, const json::object& message, std::size_t bytes) {
  const json::value* number = message.if_contains("number");
  const json::value* entries = message.if_contains("entries");
  if (!number || !number->is_number() || !entries || !entries->is_array()) {
    ++refused_;
    return;
  }
  boost::system::error_code failure;
  const auto found = questions_.find(number->to_number<std::uint64_t>(failure));
  if (failure || found == questions_.end() || !found->second->missing.contains(id)) return;  // too late
  Question& question = *found->second;
  question.bytes += bytes;
  if (question.bytes > most_answered) {
    ++refused_;
    return finish(found->first, false);
  }
  Answered& answer = question.answers[id];
  answer.node = nodes_.at(id).name;
  for (const json::value& entry : entries->get_array()) answer.entries.push_back(entry);
  if (!message.contains("last")) return;
  question.missing.erase(id);
  if (question.missing.empty()) finish(found->first, true);
}

void Nodes::finish(std::uint64_t number, bool complete) {
  const auto question = std::move(questions_.at(number));
  questions_.erase(number);
  std::vector<Answered> answers;
  answers.reserve(question->answers.size());
  for (auto& entry : question->answers) answers.push_back(std::move(entry.second));
  question->done(std::move(answers), complete && question->complete);
}

void Nodes::expire_questions() {
  const std::int64_t now = base::monotonic_ms();
  while (!questions_.empty() && questions_.begin()->second->until_ms <= now) finish(questions_.begin()->first, false);
  if (!questions_.empty()) loop_.arm(question_timer_, questions_.begin()->second->until_ms - now);
}

void Nodes::tell(std::string_view topic, json::object news, const std::string& node) {
  if (!running_) return;
  publish(node.empty() ? all_key() : std::string(prefix) + node,
          {{"kind", "tell"}, {"topic", topic}, {"body", std::move(news)}});
}

}  // namespace dragoman::service
