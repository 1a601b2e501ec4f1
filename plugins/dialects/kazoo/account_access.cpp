// SPDX-License-Identifier: Apache-2.0
#include "account_access.hpp"

#include "common/json_text.hpp"
#include "key_encoding.hpp"

namespace kazoo {
namespace {

using dialects::Json;
using Verdict = AccountAccess::Verdict;

std::uint32_t call_ms(const Settings& settings) {
  return static_cast<std::uint32_t>(settings.request_timeout.count());
}

std::string data_member(std::string_view answer, std::string_view name) {
  const auto document = dialects::parse_json(answer);
  const Json* data = document ? document->find("data", Json::Kind::object) : nullptr;
  const Json* member = data ? data->find(name, Json::Kind::string) : nullptr;
  return member ? member->text : std::string();
}

}  // namespace

std::string account_of(const sdk::Identity& identity) {
  if (!identity.account().empty()) return std::string(identity.account());
  const auto claims = dialects::parse_json(identity.claims());
  const Json* account = claims ? claims->find("account_id", Json::Kind::string) : nullptr;
  return account ? account->text : std::string();
}

void AccountAccess::authenticate(std::uint64_t owner, const std::string& token, Authenticated done) const {
  if (settings_.tokens_at_crossbar)
    return ask_crossbar(owner, "/v2/token_auth", token, "account_id",
                        [done = std::move(done)](Verdict verdict, const std::string& account) {
                          done(verdict == Verdict::yes && account.empty() ? Verdict::unavailable : verdict, account);
                        });
  const dgm_status status =
      sdk::Client(host_, owner)
          .authenticate(
              token, call_ms(settings_), [done](dgm_status result, const sdk::Identity* identity, std::string_view) {
                if (result == DGM_E_CANCELED) return;
                const std::string account = identity ? account_of(*identity) : "";
                const bool refused = result == DGM_E_DENIED || result == DGM_E_DROPPED || (identity && account.empty());
                done(refused ? Verdict::no : identity ? Verdict::yes : Verdict::unavailable, account);
              });
  if (status < 0 && status != DGM_E_GONE) done(Verdict::unavailable, {});
}

void AccountAccess::authorize(std::uint64_t owner, const Question& question, Authorized done) const {
  const bool system = !settings_.system_account.empty() && question.own == settings_.system_account;
  if (question.wanted == "*") return done(system ? Verdict::yes : Verdict::no, "*");
  if (!is_account_id(question.wanted)) return done(Verdict::no, {});
  const bool clear = system || question.own == question.wanted;
  if (!settings_.accounts_at_crossbar) {
    const bool allowed = clear || settings_.accounts.within(question.wanted, question.own);
    return done(allowed ? Verdict::yes : Verdict::no, settings_.accounts.realm(question.wanted));
  }
  if (clear && !question.needs_realm) return done(Verdict::yes, {});
  ask_crossbar(owner, "/v2/accounts/" + question.wanted, question.token, "realm", std::move(done));
}

void AccountAccess::ask_crossbar(std::uint64_t owner, std::string path, const std::string& token,
                                 std::string_view member, Authenticated done) const {
  sdk::Fetch fetch;
  fetch.upstream = settings_.crossbar;
  fetch.path = std::move(path);
  fetch.headers = {{"X-Auth-Token", token}, {"Accept", "application/json"}};
  fetch.timeout_ms = call_ms(settings_);
  const dgm_status status =
      crossbar_.fetch(owner, fetch, [done, member](dgm_status result, const sdk::Fetched* answer, std::string_view) {
        if (result == DGM_E_CANCELED) return;
        if (answer && answer->status() == 200) return done(Verdict::yes, data_member(answer->body(), member));
        const bool refused = answer && answer->status() >= 400 && answer->status() < 500 && answer->status() != 429;
        done(refused ? Verdict::no : Verdict::unavailable, {});
      });
  // A token that no header can carry is nobody's.
  if (status == DGM_E_INVALID)
    done(Verdict::no, {});
  else if (status < 0 && status != DGM_E_GONE)
    done(Verdict::unavailable, {});
}

}  // namespace kazoo
