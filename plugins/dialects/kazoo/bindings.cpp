// SPDX-License-Identifier: Apache-2.0
#include "bindings.hpp"

#include <algorithm>
#include <optional>

#include "key_encoding.hpp"

namespace kazoo {
namespace {

// A segment is one of `choices`, or any text if there are none; `placeholder` stands for any text in the list.
struct Segment {
  std::span<const std::string_view> choices;
  std::string_view placeholder;
  bool wildcard = false;  // "*" stands for all choices
};

constexpr std::string_view call_events[] = {"CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_DESTROY",
                                            "CHANNEL_HOLD",   "CHANNEL_UNHOLD", "CHANNEL_BRIDGE",
                                            "PARK_PARKED",    "PARK_RETRIEVED", "PARK_ABANDONED"};
constexpr std::string_view conference_events[] = {
    "conference-create", "conference-destroy", "lock",        "unlock",        "add-member",  "del-member",
    "start-talking",     "stop-talking",       "mute-member", "unmute-member", "deaf-member", "undeaf-member"};
constexpr std::string_view object_actions[] = {"doc_created", "doc_edited", "doc_deleted"};
constexpr std::string_view object_types[] = {"account", "callflow", "device", "faxbox",          "media",
                                             "user",    "vmbox",    "fax",    "mailbox_message", "call_recording"};
constexpr std::string_view presence_calls[] = {"dialog", "update"};
constexpr std::string_view presence_users[] = {"mwi_updates"};
constexpr std::string_view literal_event[] = {"event"};
constexpr std::string_view literal_command[] = {"command"};
constexpr std::string_view literal_status[] = {"status"};
constexpr std::string_view literal_object[] = {"object"};
constexpr std::string_view literal_star[] = {"*"};

constexpr Segment call_segments[] = {{call_events, {}, true}, {{}, "{CALL_ID}"}};
constexpr Segment conference_calls[] = {{literal_event, {}}, {{}, "{CONFERENCE_ID}"}, {{}, "{CALL_ID}"}};
constexpr Segment conference_event_first[] = {
    {literal_event, {}}, {conference_events, {}, true}, {{}, "{CONFERENCE_ID}"}, {{}, "{CALL_ID}"}};
constexpr Segment conference_event_last[] = {
    {literal_event, {}}, {{}, "{CONFERENCE_ID}"}, {literal_star, {}}, {conference_events, {}}};
constexpr Segment conference_command[] = {{literal_command, {}}, {{}, "{CONFERENCE_ID}"}};
constexpr Segment fax_status[] = {{literal_status, {}}, {{}, "{FAX_ID}"}};
constexpr Segment fax_object[] = {{literal_object, {}}, {{}, "{ACTION}"}};
constexpr Segment object_segments[] = {{object_actions, {}, true}, {object_types, {}, true}};
constexpr Segment presence_call_segments[] = {{presence_calls, {}}, {{}, "{CALL_ID}"}};
constexpr Segment presence_user_segments[] = {{presence_users, {}}, {{}, "{USER}"}};

}  // namespace

// In templates $1 is the first segment, $e1 the same encoded, $A the account, $R its realm encoded, $B the databases
// that hold documents of the type in $2, $M the database of a month.
struct Form {
  std::string_view module;
  std::span<const Segment> segments;
  std::string_view exchange, key, subscription_key;
  bool listed = true;
  Check check = Check::none;
};

namespace {

// Of several forms of a module the first that fits counts.
constexpr Form forms[] = {
    {"call", call_segments, "callevt", "call.$1.*", "call.$A.$1.$2", true, Check::call},
    {"conference", conference_calls, "conference", "conference.event.*.$A.$2.$e3", "conference.event.*.$A.$2.$3"},
    {"conference", conference_event_first, "conference", "conference.event.$2.$A.$3.$e4",
     "conference.event.$2.$A.$3.$4", false},
    {"conference", conference_event_last, "conference", "conference.event.$4.$A.$2.*", "conference.event.$4.$A.$2.*",
     false},
    {"conference", conference_command, "conference", "conference.command.$2", "conference.command.$2", true,
     Check::conference_command},
    {"fax", fax_status, "faxes", "fax.status.$A.$e2", "fax.status.$A.$2"},
    {"fax", fax_object, "configuration", "$2.$M.fax.*", "$2.$M.fax.*"},
    {"object", object_segments, "configuration", "$1.$B.$2.*", "$1.$B.$2.*"},
    {"presence", presence_call_segments, "presence", "$1.$R.$e2", "$1.$R.$e2"},
    {"presence", presence_user_segments, "presence", "$1.$R.$e2", "$1.$R.$e2"},
};

// Of a key of AMQP, in bytes.
constexpr std::size_t longest_key = 255;

bool has(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t dot = text.find('.');
    out.emplace_back(text.substr(0, dot));
    if (dot == text.npos) return out;
    text.remove_prefix(dot + 1);
  }
}

bool accepts(const Segment& segment, std::string_view text) {
  if (text.empty()) return false;
  return segment.choices.empty() || has(segment.choices, text) || (segment.wildcard && text == "*");
}

bool fits(const Form& form, const std::vector<std::string>& segments) {
  return std::equal(form.segments.begin(), form.segments.end(), segments.begin(), segments.end(), accepts);
}

std::string join(const std::vector<std::string>& segments) {
  std::string out;
  for (const std::string& segment : segments) out.append(out.empty() ? "" : ", ").append(segment);
  return out;
}

// Of one month, and with everything known.
Scope longest_scope() {
  static const std::vector<std::string> month{"000000"};
  return {std::string(32, '0'), std::string(64, 'r'), month};
}

// A conference must be named, with every form.
bool any_conference(const Form& form, const std::vector<std::string>& segments) {
  for (std::size_t i = 0; i < segments.size(); ++i)
    if (form.segments[i].placeholder == "{CONFERENCE_ID}") return segments[i] == "*" || segments[i] == "#";
  return false;
}

std::string too_long(std::string_view module) {
  return std::string("invalid format for ").append(module).append(" subscription : too long");
}

std::string refusal(std::string_view module, const std::vector<std::string>& segments) {
  const bool two = segments.size() == 2 && !segments[0].empty() && !segments[1].empty();
  if (two && module == "object") return "event " + segments[0] + "." + segments[1] + " not supported";
  if (two && (module == "call" || module == "presence")) return "event " + segments[0] + " not supported";
  return "invalid format for " + std::string(module) + " subscription : " + join(segments);
}

// Where documents of a type live (digest section 6 and row 14 of section 9).
bool in_account_database(std::string_view type) {
  return type != "fax" && type != "mailbox_message";
}
bool in_month_database(std::string_view type) {
  return type == "fax" || type == "mailbox_message" || type == "call_recording" || type == "*";
}

std::string fill(std::string_view text, const std::vector<std::string>& segments, const Scope& scope,
                 std::string_view database) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      out += text[i];
      continue;
    }
    const char what = text[++i];
    if (what == 'A')
      out += scope.account_id;
    else if (what == 'R')
      out += encode_key(scope.realm);
    else if (what == 'B' || what == 'M')
      out += database;
    else if (what == 'e')
      out += encode_key_once(segments[static_cast<std::size_t>(text[++i] - '1')]);
    else
      out += segments[static_cast<std::size_t>(what - '1')];
  }
  return out;
}

void add(std::vector<Interest>& out, const Form& form, const std::vector<std::string>& segments, const Scope& scope,
         std::string_view database = {}, bool monthly = false) {
  Interest made{std::string(form.exchange),
                fill(form.key, segments, scope, database),
                fill(form.subscription_key, segments, scope, database),
                monthly,
                form.check,
                {},
                {}};
  if (form.check == Check::call) {
    made.event = segments[0];
    made.call = segments[1] == "#" ? "*" : encode_key_once(segments[1]);
  }
  if (made.key.size() > longest_key) return;
  if (std::find(out.begin(), out.end(), made) == out.end()) out.push_back(std::move(made));
}

bool short_presence(std::string_view module, const BindingOptions& options) {
  return module == "presence" && options.presence_short_keys;
}

}  // namespace

std::variant<Binding, std::string> parse_binding(std::string_view text, const BindingOptions& options) {
  std::vector<std::string> segments = split(text);
  const std::string module = std::move(segments.front());
  segments.erase(segments.begin());
  if (std::find(options.modules.begin(), options.modules.end(), module) == options.modules.end())
    return "no available subscriptions to requested binding";
  if (text.size() > longest_key) return too_long(module);
  for (const Form& form : forms) {
    if (form.module != module || (module == "conference" && !form.listed && options.strict_conference)) continue;
    if (!fits(form, segments)) continue;
    if (any_conference(form, segments)) return "ConferenceId required";
    Binding made{std::string(text), &form, std::move(segments)};
    if (interests_of(made, longest_scope()).empty()) return too_long(module);
    return made;
  }
  return refusal(module, segments);
}

std::vector<std::string_view> exchanges_of(const BindingOptions& options) {
  std::vector<std::string_view> out;
  for (const Form& form : forms)
    if (std::find(options.modules.begin(), options.modules.end(), form.module) != options.modules.end() &&
        std::find(out.begin(), out.end(), form.exchange) == out.end())
      out.push_back(form.exchange);
  return out;
}

bool needs_realm(const Binding& binding) {
  return binding.form->key.find("$R") != std::string_view::npos;
}

bool needs_month(const Binding& binding) {
  const std::string_view key = binding.form->key;
  return key.find("$M") != key.npos || (key.find("$B") != key.npos && in_month_database(binding.segments[1]));
}

std::vector<Interest> interests_of(const Binding& binding, const Scope& scope) {
  std::vector<Interest> out;
  const Form& form = *binding.form;
  if (needs_realm(binding) && scope.realm.empty()) return out;
  // Events of calls that are not among the choices are not for clients.
  if (form.check == Check::call && binding.segments[0] == "*") {
    for (const std::string_view choice : form.segments[0].choices) {
      std::vector<std::string> segments = binding.segments;
      segments[0] = choice;
      add(out, form, segments, scope);
    }
    return out;
  }
  const bool by_type = form.key.find("$B") != std::string_view::npos;
  if (by_type && in_account_database(binding.segments[1]))
    add(out, form, binding.segments, scope, account_database(scope.account_id));
  if (needs_month(binding)) {
    // All accounts have all months.
    const bool monthly = scope.account_id != "*";
    for (const std::string& month : scope.months)
      add(out, form, binding.segments, scope, month_database(scope.account_id, month), monthly);
  } else if (!by_type) {
    add(out, form, binding.segments, scope);
  }
  return out;
}

std::size_t keys_of(const Binding& binding) {
  return interests_of(binding, longest_scope()).size();
}

std::string shown_binding(const Binding& binding, const BindingOptions& options) {
  if (!short_presence(binding.form->module, options)) return binding.text;
  return binding.text.substr(binding.form->module.size() + 1);
}

std::vector<ListedModule> list_bindings(const BindingOptions& options) {
  std::vector<ListedModule> out;
  for (const std::string& module : options.modules) {
    ListedModule& entry = out.emplace_back(ListedModule{module, {}});
    for (const Form& form : forms) {
      if (form.module != module || !form.listed) continue;
      std::vector<std::string> texts{short_presence(module, options) ? "" : module};
      for (const Segment& segment : form.segments) {
        std::vector<std::string> longer;
        const auto extend = [&](const std::string& text, std::string_view with) {
          longer.push_back(text + (text.empty() ? "" : ".") + std::string(with));
        };
        for (const std::string& text : texts) {
          if (segment.choices.empty()) extend(text, segment.placeholder);
          for (const std::string_view choice : segment.choices) extend(text, choice);
        }
        texts = std::move(longer);
      }
      entry.bindings.insert(entry.bindings.end(), texts.begin(), texts.end());
    }
  }
  return out;
}

}  // namespace kazoo
