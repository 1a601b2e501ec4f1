// SPDX-License-Identifier: Apache-2.0
// The shipped files and the documentation keep up with the program.
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "loading.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

const std::filesystem::path source = SOURCE_DIRECTORY;

LoadOptions with_any_secret() {
  LoadOptions options;
  options.sources.environment = [](const std::string&) { return std::optional<std::string>("x"); };
  options.sources.file = [](const std::string&) { return FileText{"x\n", {}}; };
  return options;
}

TEST(Documents, ShippedFilesAreGood) {
  std::vector<std::filesystem::path> files = {source / "config/dragoman.yaml", source / "config/demo.yaml"};
  for (const auto& entry : std::filesystem::directory_iterator(source / "config/examples"))
    files.push_back(entry.path());
  EXPECT_GE(files.size(), 4u);
  for (const auto& file : files) {
    std::vector<Error> errors;
    EXPECT_TRUE(load_file(file.string(), with_any_secret(), errors)) << testing::PrintToString(texts(errors));
  }
}

TEST(Documents, TheDemoIsAsItsDocumentsSay) {
  std::vector<Error> errors;
  const auto demo = load_file((source / "config/demo.yaml").string(), {}, errors);
  ASSERT_TRUE(demo);
  std::map<std::string, ListenerConfig> listeners;
  for (const auto& listener : demo->listeners) listeners[listener.name] = listener;
  EXPECT_EQ(listeners["wazo"].address, "127.0.0.1:9502");
  EXPECT_TRUE(listeners["wazo"].tls->self_signed);
  EXPECT_EQ(listeners["honeytrap"].address, "127.0.0.1:3000");
  EXPECT_EQ(demo->authenticators.at(0).tokens.at(0).token, "some-token-id");
  EXPECT_THAT(demo->authenticators.at(0).tokens.at(0).grants, testing::ElementsAre("websocketd", "#"));
  EXPECT_EQ(listeners["lavaboom"].address, "127.0.0.1:5000");
  EXPECT_EQ(demo->authenticators.at(0).tokens.at(1).token, "valid token");
  EXPECT_EQ(demo->authenticators.at(0).tokens.at(1).account, "4b31dd1d32ce6d249897c06332375d65");
  EXPECT_EQ(demo->upstreams.at(0).answers.at(0).body,
            R"({"message":"Lavaboom API","docs_url":"http://lavaboom.readme.io/","version":"v0"})");
  EXPECT_EQ(demo->admin.address, "127.0.0.1:9600");
  EXPECT_EQ(demo->admin.token, "demo");
}

void collect(const json::value& schema, std::set<std::string>& keys) {
  if (schema.is_array()) {
    for (const auto& item : schema.get_array()) collect(item, keys);
  } else if (schema.is_object()) {
    for (const auto& member : schema.get_object()) {
      if (member.key() == "properties")
        for (const auto& property : member.value().as_object()) keys.emplace(property.key());
      collect(member.value(), keys);
    }
  }
}

TEST(Documents, EveryKeyIsExplained) {
  std::ifstream file(source / "docs/configuration.md");
  std::stringstream text;
  text << file.rdbuf();
  std::set<std::string> keys;
  const std::string_view schema = schema_text();
  collect(json::parse({schema.data(), schema.size()}), keys);
  EXPECT_GT(keys.size(), 40u);
  for (const std::string& key : keys) EXPECT_THAT(text.str(), testing::HasSubstr("`" + key + "`"));
}

}  // namespace
}  // namespace dragoman::config
