// SPDX-License-Identifier: Apache-2.0
// The bindings that clients can name, as one table: what is accepted, what is listed, and which keys of which exchange
// each stands for (kazoo digest sections 6, 8 and 9). Any thread, no state.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kazoo {

struct Form;  // a row of the table

struct BindingOptions {
  std::vector<std::string> modules;  // names, in the order in which they are listed
  bool strict_conference = false;
  bool presence_short_keys = false;
  friend bool operator==(const BindingOptions&, const BindingOptions&) = default;
};

// What a client may subscribe to.
struct Binding {
  std::string text;  // as the client wrote it
  const Form* form;
  std::vector<std::string> segments;  // behind the module's name
};

// The binding, or the sentence for the client.
std::variant<Binding, std::string> parse_binding(std::string_view text, const BindingOptions& options);

// The exchanges that bindings of these modules may stand for.
std::vector<std::string_view> exchanges_of(const BindingOptions& options);

// Its realm is known only when presence needs it.
bool needs_realm(const Binding& binding);
bool needs_month(const Binding& binding);

// For whom a binding is made.
struct Scope {
  std::string account_id;               // "*": all accounts
  std::string realm;                    // empty: not known
  std::span<const std::string> months;  // the databases that are watched, "202403"
};

// What the key of an event does not say, so that its body is looked at.
enum class Check { none, call, conference_command };

// One pattern of one exchange.
struct Interest {
  std::string exchange;
  std::string key;               // AMQP topic pattern for the broker
  std::string subscription_key;  // what the client is shown of it
  bool monthly = false;
  Check check = Check::none;
  std::string event, call;  // with Check::call; call: encoded, "*" for any
  friend bool operator==(const Interest&, const Interest&) = default;
};

// How many keys it stands for, a month's and the next one's being one.
std::size_t keys_of(const Binding& binding);

// Empty: the realm is needed and not known, or the key would be longer than one of AMQP may be.
std::vector<Interest> interests_of(const Binding& binding, const Scope& scope);

// What the client is shown as its binding.
std::string shown_binding(const Binding& binding, const BindingOptions& options);

struct ListedModule {
  std::string name;
  std::vector<std::string> bindings;
};
std::vector<ListedModule> list_bindings(const BindingOptions& options);

}  // namespace kazoo
