// SPDX-License-Identifier: Apache-2.0
#include "plugin/loader.hpp"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>

namespace dragoman::plugin {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LoaderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "dragoman-loader-XXXXXX").string();
    ASSERT_TRUE(::mkdtemp(pattern.data()));
    directory = fs::canonical(pattern).string();
    copy("good.so");
  }
  void TearDown() override {
    ::chmod(directory.c_str(), 0700);
    fs::remove_all(directory);
  }
  void copy(const std::string& name) {
    fs::copy_file(fs::path(BAD_PLUGINS) / "good.so", fs::path(directory) / name);
    ::chmod(path(name).c_str(), 0644);
  }
  std::string path(const std::string& name) const { return directory + "/" + name; }

  std::string directory;
};

TEST_F(LoaderTest, LoadsAndKeepsThePath) {
  const LoadResult result = load_plugin(path("good.so"));
  ASSERT_TRUE(result) << result.file.refusal;
  EXPECT_EQ(result.plugin->name, "good");
  EXPECT_EQ(result.file.path, path("good.so"));
  EXPECT_TRUE(result.plugin->library);
}

TEST_F(LoaderTest, TheSameContentIsTheSamePlugin) {
  const LoadResult first = load_plugin(path("good.so"));
  copy("copy.so");
  fs::rename(path("copy.so"), path("good.so"));
  const LoadResult second = load_plugin(path("good.so"));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first.plugin, second.plugin);
}

TEST_F(LoaderTest, AnotherContentAtTheSamePathIsLoadedBesideTheFirst) {
  const LoadResult first = load_plugin(path("good.so"));
  copy("new.so");
  std::ofstream(path("new.so"), std::ios::app) << "another";
  fs::rename(path("new.so"), path("good.so"));
  const LoadResult second = load_plugin(path("good.so"));
  ASSERT_TRUE(first && second) << second.file.refusal;
  EXPECT_NE(first.plugin, second.plugin);
  EXPECT_NE(first.plugin->api.create, second.plugin->api.create);
}

TEST_F(LoaderTest, RefusesAFileThatWasWrittenInto) {
  copy("new.so");
  std::ofstream(path("new.so"), std::ios::app) << "of its own";
  ASSERT_TRUE(load_plugin(path("new.so")));
  std::ofstream(path("new.so"), std::ios::app) << "more";
  EXPECT_THAT(load_plugin(path("new.so")).file.refusal,
              HasSubstr("its content was replaced while the gateway runs it"));
}

TEST_F(LoaderTest, FollowsLinksToTrustedFiles) {
  fs::create_symlink("good.so", path("alias.so"));
  EXPECT_TRUE(load_plugin(path("alias.so")));
}

TEST_F(LoaderTest, RefusesFilesThatOthersCanWrite) {
  ::chmod(path("good.so").c_str(), 0664);
  EXPECT_EQ(load_plugin(path("good.so")).file.refusal,
            "plugin in " + path("good.so") + " is refused: the file " + path("good.so") +
                " can be written by its group (mode 0664), who could so put code into the gateway; run \"chmod go-w " +
                path("good.so") + "\".");
  ::chmod(path("good.so").c_str(), 0646);
  EXPECT_THAT(load_plugin(path("good.so")).file.refusal, HasSubstr("can be written by everybody (mode 0646)"));
}

TEST_F(LoaderTest, RefusesDirectoriesThatOthersCanWrite) {
  ::chmod(directory.c_str(), 0775);
  EXPECT_THAT(load_plugin(path("good.so")).file.refusal,
              HasSubstr("the directory " + directory + " can be written by its group (mode 0775)"));
}

TEST_F(LoaderTest, RefusesFilesOfOtherUsers) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(::chown(path("good.so").c_str(), 12345, static_cast<gid_t>(-1)), 0);
  EXPECT_THAT(load_plugin(path("good.so")).file.refusal, HasSubstr("belongs to the user with id 12345"));
}

TEST_F(LoaderTest, RefusesWhatIsNoFile) {
  EXPECT_THAT(load_plugin(directory).file.refusal, HasSubstr("is not a regular file"));
  EXPECT_THAT(load_plugin(path("none.so")).file.refusal, HasSubstr("it cannot be found (No such file or directory)"));
  fs::create_symlink("loop.so", path("loop.so"));
  EXPECT_THAT(load_plugin(path("loop.so")).file.refusal, HasSubstr("it cannot be found ("));
}

TEST_F(LoaderTest, RefusesCutLibraries) {
  std::ifstream in(path("good.so"), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{4}, std::size_t{64}, std::size_t{500}, whole.size() / 2, whole.size() - 1}) {
    const std::string name = path("cut" + std::to_string(size) + ".so");
    std::ofstream(name, std::ios::binary).write(whole.data(), static_cast<std::streamsize>(size));
    const LoadResult result = load_plugin(name);
    EXPECT_FALSE(result) << size;
    EXPECT_THAT(result.file.refusal, HasSubstr(name + " is refused: it is " + (size ? "cut short" : "empty")));
  }
}

TEST_F(LoaderTest, RefusesLibrariesOfOthers) {
  const auto refusal_with = [this](std::streamoff at, char byte) {
    copy("other.so");
    std::fstream(path("other.so"), std::ios::binary | std::ios::in | std::ios::out).seekp(at).put(byte);
    const std::string refusal = load_plugin(path("other.so")).file.refusal;
    fs::remove(path("other.so"));
    return refusal;
  };
  EXPECT_THAT(refusal_with(EI_CLASS, ELFCLASSNONE), HasSubstr("it was built for another kind of machine; "));
  EXPECT_THAT(refusal_with(offsetof(Elf64_Ehdr, e_machine), EM_NONE), HasSubstr("for another kind of machine; "));
  EXPECT_THAT(refusal_with(offsetof(Elf64_Ehdr, e_type), ET_REL), HasSubstr("it is an object file or a program"));
}

TEST_F(LoaderTest, FindsByName) {
  const LoadResult result = find_plugin("good", {directory + "/nowhere", directory});
  ASSERT_TRUE(result) << result.file.refusal;
  EXPECT_EQ(result.file.path, path("good.so"));
  EXPECT_TRUE(find_plugin(path("good.so"), {}));
}

TEST_F(LoaderTest, SaysWhereItLookedAndWhatWasMeant) {
  EXPECT_EQ(find_plugin("godo", {directory}).file.refusal,
            "plugin godo is not installed: there is no godo.so in " + directory + "; did you mean \"good\"?");
  EXPECT_THAT(find_plugin("wazo", {directory, "/nowhere"}).file.refusal,
              testing::StartsWith("plugin wazo is not installed: there is no wazo.so in " + directory +
                                  ", /nowhere; expected "));
  EXPECT_THAT(find_plugin("../good", {directory}).file.refusal, HasSubstr("it cannot be found"));
  EXPECT_THAT(find_plugin("Good", {directory}).file.refusal, HasSubstr("cannot be the name of a plugin"));
}

TEST_F(LoaderTest, TheFileMustBearTheName) {
  copy("better.so");
  EXPECT_EQ(
      find_plugin("better", {directory}).file.refusal,
      "plugin in " + path("better.so") + " is refused: the plugin in it is called good; rename the file to good.so.");
}

TEST_F(LoaderTest, ScanListsAllWithReasons) {
  std::ofstream(path("broken.so")) << "x";
  std::ofstream(path("readme.txt")) << "x";
  const std::vector<PluginFile> files = scan({directory, directory + "/nowhere"});
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].path, path("broken.so"));
  EXPECT_THAT(files[0].refusal, HasSubstr("not a shared library"));
  EXPECT_EQ(files[1].name, "good");
  EXPECT_EQ(files[1].version, "1.0.0");
  EXPECT_EQ(files[1].refusal, "");
  EXPECT_THAT(files[1].roles, testing::ElementsAre("dgm.dialect/1"));
}

TEST_F(LoaderTest, ScanSaysWhenItCannotRead) {
  const std::vector<PluginFile> files = scan({path("good.so")});
  ASSERT_EQ(files.size(), 1u);
  EXPECT_THAT(files[0].refusal, HasSubstr("cannot be read: Not a directory"));
}

}  // namespace
}  // namespace dragoman::plugin
