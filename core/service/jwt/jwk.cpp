// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/jwk.hpp"

#include <algorithm>

#include "codec/base64url.hpp"
#include "service/jwt/key_reading.hpp"
#include "service/jwt/public_key.hpp"

namespace dragoman::service::jwt {
namespace {

namespace json = boost::json;

struct Refused {
  std::string problem;
};

class Jwk {
 public:
  explicit Jwk(const json::object& members) : members_(members) {}

  // Throws Refused.
  Key read(Algorithms wanted, bool secrets) const {
    check_purpose();
    Key key = material(secrets);
    key.id = text("kid").value_or("");
    if (const auto alg = text("alg")) {
      const auto named = find_algorithm(*alg);
      if (!named || !(key.algorithms & bit(*named))) throw Refused{"\"alg\" names none that fits the key"};
      key.algorithms = bit(*named);
    }
    if (wanted) key.algorithms &= wanted;
    if (!key.algorithms) throw Refused{"it is for other algorithms than those that are wanted"};
    return key;
  }

 private:
  std::optional<std::string> text(std::string_view name) const {
    const json::value* value = members_.if_contains({name.data(), name.size()});
    if (!value) return std::nullopt;
    if (!value->is_string()) throw Refused{"\"" + std::string(name) + "\" is no string"};
    return std::string(value->get_string());
  }

  std::string bytes(std::string_view name) const {
    const auto encoded = text(name);
    auto decoded = encoded ? codec::decode_base64url(*encoded) : std::nullopt;
    if (!decoded || decoded->empty()) throw Refused{"\"" + std::string(name) + "\" is missing or no base64url"};
    return std::move(*decoded);
  }

  void check_purpose() const {
    if (const auto use = text("use"); use && *use != "sig") throw Refused{"\"use\" is not \"sig\""};
    const json::value* operations = members_.if_contains("key_ops");
    if (!operations) return;
    const json::array* list = operations->if_array();
    if (!list || std::find(list->begin(), list->end(), json::value("verify")) == list->end())
      throw Refused{"\"key_ops\" has no \"verify\""};
  }

  Key material(bool secrets) const {
    const auto type = text("kty");
    if (!type) throw Refused{"\"kty\" is missing"};
    if (*type == "oct") {
      if (!secrets) throw Refused{"a secret is not fetched from a server"};
      ReadKeys read = key_from_secret(bytes("k"), hmac_algorithms, {});
      if (read.keys.empty()) throw Refused{read.problem};
      return std::move(read.keys.front());
    }
    Key key;
    if (*type == "RSA")
      key.public_key = rsa_key(bytes("n"), bytes("e"));
    else if (*type == "EC")
      key.public_key = ec();
    else if (*type == "OKP")
      key.public_key = edwards();
    else
      throw Refused{"\"kty\" is none of RSA, EC, OKP and oct"};
    if (!key.public_key) throw Refused{"its numbers make no key"};
    Fit fit = algorithms_for(key.public_key.get());
    if (!fit.algorithms) throw Refused{std::move(fit.problem)};
    key.algorithms = fit.algorithms;
    return key;
  }

  PublicKey ec() const {
    static constexpr std::pair<std::string_view, Algorithm> curves[] = {
        {"P-256", Algorithm::es256}, {"P-384", Algorithm::es384}, {"P-521", Algorithm::es512}};
    const auto name = text("crv");
    for (const auto& [curve, algorithm] : curves)
      if (name == curve) return ec_key(algorithm, bytes("x"), bytes("y"));
    throw Refused{"\"crv\" is none of P-256, P-384 and P-521"};
  }

  PublicKey edwards() const {
    const auto name = text("crv");
    if (name == "Ed25519") return edwards_key("ED25519", bytes("x"));
    if (name == "Ed448") return edwards_key("ED448", bytes("x"));
    throw Refused{"\"crv\" is neither Ed25519 nor Ed448"};
  }

  const json::object& members_;
};

}  // namespace

ReadJwk key_from_jwk(const json::value& jwk, Algorithms wanted, bool secrets) {
  const json::object* members = jwk.if_object();
  if (!members) return {std::nullopt, "it is no object"};
  try {
    return {Jwk(*members).read(wanted, secrets), {}};
  } catch (Refused& refused) {
    return {std::nullopt, std::move(refused.problem)};
  }
}

}  // namespace dragoman::service::jwt
