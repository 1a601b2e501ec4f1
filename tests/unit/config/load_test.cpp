// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "loading.hpp"

namespace dragoman::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Directory : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "dragoman-config-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(path_); }

  std::string write(const std::string& name, std::string_view text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
  }
  std::optional<Configuration> load(const std::string& file) {
    auto loaded = load_file(file, {}, errors_);
    EXPECT_EQ(loaded.has_value(), errors_.empty());
    return loaded;
  }
  std::vector<std::string> messages() const {
    std::vector<std::string> out = texts(errors_);
    for (std::string& line : out) {
      for (std::size_t at; (at = line.find(path_.string() + "/")) != std::string::npos;)
        line.erase(at, path_.string().size() + 1);
    }
    return out;
  }

  std::filesystem::path path_;
  std::vector<Error> errors_;
};

TEST_F(Directory, ExtraFilesAreLaidOverInOrder) {
  const auto file = write(
      "d.yaml",
      "threads: 1\nlog: {level: warn}\nlisteners: {l: {address: 127.0.0.1:80, backlog: 7}}\n"
      "buses: {b: {plugin: embedded}}\n"
      "mounts: {m: {plugin: p, listen: [{listener: l}, {listener: l, path: /x}], settings: {a: {b: 1, c: 2}}}}\n");
  write("conf.d/20.yaml", "threads: 3\nmounts: {m: {listen: [{listener: l, path: /y}], settings: {a: {c: 4}}}}\n");
  write("conf.d/10.yaml", "threads: 2\nlisteners: {l: {address: 127.0.0.1:81}, k: {address: 127.0.0.1:82}}\n");
  write("conf.d/30.yaml", "# nothing\n");
  write("conf.d/.hidden.yaml", "threads: 4\n");
  write("conf.d/40.yaml.bak", "threads: 5\n");
  const auto loaded = load(file);
  ASSERT_TRUE(loaded) << testing::PrintToString(messages());
  EXPECT_EQ(loaded->threads, 3u);
  EXPECT_EQ(loaded->log.level, "warn");
  ASSERT_EQ(loaded->listeners.size(), 2u);
  EXPECT_EQ(loaded->listeners[0].address, "127.0.0.1:81");
  EXPECT_EQ(loaded->listeners[0].backlog, 7);
  EXPECT_EQ(loaded->listeners[1].name, "k");
  ASSERT_EQ(loaded->mounts[0].listen.size(), 1u);
  EXPECT_EQ(loaded->mounts[0].listen[0].path, "/y");
  EXPECT_EQ(boost::json::value(loaded->mounts[0].settings), (boost::json::value{{"a", {{"b", 1}, {"c", 4}}}}));
  EXPECT_EQ(loaded->locations.value("mounts.m.settings.a.c").file, (path_ / "conf.d/20.yaml").string());
  EXPECT_EQ(loaded->locations.value("mounts.m.settings.a.b").file, file);
  EXPECT_EQ(loaded->locations.value("mounts.m.listen[1]").line, 2u)
      << "of the list that took the place of the longer one";
}

TEST_F(Directory, ErrorsNameTheFileTheyAreIn) {
  const auto file = write("d.yaml", "threads: x\nadmin: {token: t}\n");
  write("conf.d/a.yaml", "log:\n  levle: info\n");
  load(file);
  EXPECT_THAT(messages(), ElementsAre("conf.d/a.yaml:2:3: log.levle: unknown key; did you mean \"level\"?",
                                      "d.yaml:1:10: threads: expected an integer, found a string"));
}

TEST_F(Directory, EveryUnreadableFileIsReported) {
  const auto file = write("d.yaml", "admin: {token: t\n");
  write("conf.d/a.yaml", "- x\n");
  write("conf.d/b.yaml", "a: 1\na: 2\n");
  std::filesystem::create_directory(path_ / "conf.d/c.yaml");
  load(file);
  EXPECT_THAT(messages(), ElementsAre("d.yaml:2:1: not valid YAML: end of map flow not found",
                                      "conf.d/a.yaml:1:1: expected a mapping at the top of the file",
                                      "conf.d/b.yaml:2:1: a: the key is written twice; first in line 1",
                                      "conf.d/c.yaml: is not a regular file"));
}

TEST_F(Directory, NoSuchFile) {
  load((path_ / "none.yaml").string());
  EXPECT_THAT(messages(), ElementsAre("none.yaml: cannot be read: No such file or directory"));
}

TEST_F(Directory, TooLargeAFile) {
  load(write("d.yaml", std::string((4 << 20) + 1, '#')));
  EXPECT_THAT(messages(), ElementsAre("d.yaml: is larger than 4096 KiB"));
}

TEST_F(Directory, PathsAreRelativeToTheFileTheyAreWrittenIn) {
  const auto file = write("etc/d.yaml",
                          "state: ../state\nplugins: {directory: plugins}\n"
                          "listeners: {l: {address: 127.0.0.1:80, tls: {certificate: tls/c.pem, key: /abs/k.pem}}}\n");
  write("etc/conf.d/admin.yaml", "admin: {token: '${file:../token}'}\n");
  write("etc/token", "secret\n");
  const auto loaded = load(file);
  ASSERT_TRUE(loaded) << testing::PrintToString(messages());
  EXPECT_EQ(loaded->state_directory, (path_ / "state").string());
  EXPECT_EQ(loaded->plugins.directory, (path_ / "etc/plugins").string());
  EXPECT_EQ(loaded->listeners[0].tls->certificate, (path_ / "etc/tls/c.pem").string());
  EXPECT_EQ(loaded->listeners[0].tls->key, "/abs/k.pem");
  EXPECT_EQ(loaded->admin.token, "secret");
}

TEST(Load, TemplatesOfTranslationsAreNoReferences) {
  std::vector<Error> errors;
  const auto loaded = load_text(
      "admin: {token: '${env:SECRET}'}\nbuses: {b: {plugin: embedded}}\n"
      "translations: {t: {match: {key: k}, events: [{key: '${/a}', body: ['${env:SECRET}', '$${x}']}]}}\n",
      "f", sealed(), errors);
  ASSERT_TRUE(loaded) << testing::PrintToString(texts(errors));
  EXPECT_EQ(loaded->admin.token, secret);
  const auto& event = loaded->translations.at(0).events.at(0).as_object();
  EXPECT_EQ(event.at("key"), "${/a}");
  EXPECT_EQ(event.at("body"), (boost::json::array{"${env:SECRET}", "$${x}"}));
}

TEST(Load, DefaultsEqualThoseOfTheStructures) {
  std::vector<Error> errors;
  const auto loaded = load_text(
      "listeners: {l: {address: 127.0.0.1:80, tls: {self_signed: true}}}\nbuses: {b: {plugin: embedded}}\n"
      "authenticators: {a: {type: static, tokens: [{token: t}]}}\n"
      "mounts: {m: {plugin: p, listen: [{listener: l}]}}\nadmin: {token: t}\n",
      "f", {}, errors);
  ASSERT_TRUE(loaded);
  const Configuration c;
  EXPECT_EQ(loaded->threads, c.threads);
  EXPECT_EQ(loaded->state_directory, c.state_directory);
  EXPECT_EQ(loaded->shutdown_timeout_ms, c.shutdown_timeout_ms);
  EXPECT_EQ(loaded->mailbox_bytes, c.mailbox_bytes);
  EXPECT_EQ(loaded->log.level, c.log.level);
  EXPECT_EQ(loaded->plugins.directory, c.plugins.directory);
  EXPECT_EQ(loaded->plugins.slow_call_ms, c.plugins.slow_call_ms);
  EXPECT_EQ(loaded->reload, c.reload);
  EXPECT_EQ(loaded->translation_limits.events, c.translation_limits.events);
  EXPECT_EQ(loaded->translation_limits.event_bytes, c.translation_limits.event_bytes);
  EXPECT_TRUE(loaded->admin.enabled);
  EXPECT_EQ(loaded->admin.address, c.admin.address);
  EXPECT_EQ(loaded->admin.body_bytes, c.admin.body_bytes);
  EXPECT_FALSE(c.admin.enabled);

  const ListenerConfig listener;
  const ListenerConfig& l = loaded->listeners.at(0);
  EXPECT_EQ(l.backlog, listener.backlog);
  EXPECT_EQ(l.unix_mode, listener.unix_mode);
  EXPECT_EQ(l.handshake_timeout_ms, listener.handshake_timeout_ms);
  EXPECT_EQ(l.idle_timeout_ms, listener.idle_timeout_ms);
  EXPECT_EQ(l.header_bytes, listener.header_bytes);
  EXPECT_EQ(l.tcp_user_timeout_ms, listener.tcp_user_timeout_ms);
  EXPECT_EQ(l.max_connections, listener.max_connections);
  EXPECT_THAT(l.trusted_proxies, IsEmpty());
  EXPECT_EQ(l.proxy_protocol, listener.proxy_protocol);
  EXPECT_EQ(l.forwarded_header, listener.forwarded_header);
  ASSERT_TRUE(l.tls);
  EXPECT_EQ(l.tls->minimum_version, TlsConfig().minimum_version);
  EXPECT_EQ(l.tls->certificate, "/var/lib/dragoman/tls/l.crt");
  EXPECT_EQ(l.tls->key, "/var/lib/dragoman/tls/l.key");

  const MountConfig mount;
  const MountConfig& m = loaded->mounts.at(0);
  EXPECT_EQ(m.transport, mount.transport);
  EXPECT_EQ(m.compression, mount.compression);
  EXPECT_EQ(m.bus, "b") << "the only one";
  EXPECT_EQ(m.authenticator, "");
  EXPECT_EQ(m.settings_path, "mounts.m.settings");
  EXPECT_THAT(m.allowed_origins, IsEmpty());
  EXPECT_EQ(m.listen.at(0).path, "/");
  EXPECT_EQ(m.limits.connections, mount.limits.connections);
  EXPECT_EQ(m.limits.message_bytes, mount.limits.message_bytes);
  EXPECT_EQ(m.limits.fragments, mount.limits.fragments);
  EXPECT_EQ(m.limits.control_per_second, mount.limits.control_per_second);
  EXPECT_EQ(m.limits.queue_bytes, mount.limits.queue_bytes);
  EXPECT_EQ(m.limits.overflow, mount.limits.overflow);
  EXPECT_EQ(m.limits.write_stall_ms, mount.limits.write_stall_ms);
  EXPECT_EQ(m.limits.ping_interval_ms, mount.limits.ping_interval_ms);
  EXPECT_EQ(m.limits.pong_timeout_ms, mount.limits.pong_timeout_ms);
  EXPECT_EQ(m.limits.idle_ms, mount.limits.idle_ms);
  EXPECT_EQ(m.limits.close_timeout_ms, mount.limits.close_timeout_ms);
  EXPECT_EQ(m.limits.subscriptions, mount.limits.subscriptions);
  EXPECT_EQ(loaded->authenticators.at(0).tokens.at(0).expires_ms, 0);
}

TEST(Load, WhatIsWrittenIsRead) {
  std::vector<Error> errors;
  LoadOptions options;
  options.state_directory = "my/state";
  const auto loaded = load_text(R"(
threads: 4
state: /elsewhere
listeners:
  l:
    address: unix:/run/x.sock
    unix_mode: "600"
    max_connections: 5
    header_bytes: 8KiB
    trusted_proxies: [10.0.0.0/8, unix]
    proxy_protocol: true
    forwarded_header: Forwarded
  t: {address: "[::1]:443", tls: {self_signed: true, minimum_version: "1.3"}}
buses: {b: {plugin: embedded}, c: {plugin: amqp, settings: {url: x}}}
authenticators:
  a:
    type: static
    tokens:
      - {token: "1", id: i, user: u, tenant: t, account: a, session: s, grants: [x, "#"], claims: {k: [1]},
         expires: 1970-01-01T00:00:02Z}
mounts:
  m:
    plugin: p
    listen: [{listener: l}, {listener: t, path: /ws}]
    bus: c
    authenticator: a
    compression: true
    allowed_origins: ["https://a"]
    limits: {overflow: latest-per-key, idle: 90, message_bytes: 2MiB, connections: 9, ping_interval: 0}
    settings: {mode: x}
)",
                                "f", options, errors);
  ASSERT_TRUE(loaded) << testing::PrintToString(texts(errors));
  EXPECT_EQ(loaded->threads, 4u);
  EXPECT_EQ(loaded->state_directory, "my/state");
  EXPECT_FALSE(loaded->admin.enabled);
  EXPECT_EQ(loaded->listeners[0].unix_mode, 0600u);
  EXPECT_EQ(loaded->listeners[0].max_connections, 5u);
  EXPECT_EQ(loaded->listeners[0].header_bytes, 8192u);
  EXPECT_EQ(loaded->listeners[0].trusted_proxies, (std::vector<std::string>{"10.0.0.0/8", "unix"}));
  EXPECT_TRUE(loaded->listeners[0].proxy_protocol);
  EXPECT_EQ(loaded->listeners[0].forwarded_header, "Forwarded");
  EXPECT_FALSE(loaded->listeners[0].tls);
  EXPECT_EQ(loaded->listeners[1].tls->certificate, "my/state/tls/t.crt");
  EXPECT_EQ(loaded->listeners[1].tls->minimum_version, "1.3");
  EXPECT_EQ(loaded->buses[1].plugin, "amqp");
  EXPECT_EQ(loaded->buses[1].settings.at("url").as_string(), "x");
  const StaticToken& token = loaded->authenticators[0].tokens[0];
  EXPECT_EQ(token.token + token.id + token.user + token.tenant + token.account + token.session, "1iutas");
  EXPECT_THAT(token.grants, ElementsAre("x", "#"));
  EXPECT_EQ(token.claims.at("k").as_array().size(), 1u);
  EXPECT_EQ(token.expires_ms, 2000);
  const MountConfig& mount = loaded->mounts[0];
  EXPECT_EQ(mount.listen[1].listener + mount.listen[1].path, "t/ws");
  EXPECT_EQ(mount.bus + mount.authenticator, "ca");
  EXPECT_TRUE(mount.compression);
  EXPECT_THAT(mount.allowed_origins, ElementsAre("https://a"));
  EXPECT_EQ(mount.limits.overflow, OverflowPolicy::latest_per_key);
  EXPECT_EQ(mount.limits.idle_ms, 90'000u);
  EXPECT_EQ(mount.limits.message_bytes, std::size_t{2} << 20);
  EXPECT_EQ(mount.limits.connections, 9u);
  EXPECT_EQ(mount.limits.ping_interval_ms, 0u);
  EXPECT_EQ(mount.settings.at("mode").as_string(), "x");
}

}  // namespace
}  // namespace dragoman::config
