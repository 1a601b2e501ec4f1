// SPDX-License-Identifier: Apache-2.0
// Where the values of a configuration were written, and what is wrong with them.
//
// A path is what people read in errors: `listeners.wazo.tls`, `mounts.wazo.listen[0]`; keys of other characters than
// letters, digits,
// '-' and '_' are quoted: `settings["a.b"]`. Two values never share a path.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::config {

// Line and column count from 1; line 0: the file as a whole.
struct Location {
  std::string file;
  unsigned line = 0, column = 0;
};

struct Error {
  Location where;
  std::string path;  // empty: the document
  std::string message;
  // FILE:LINE:COLUMN: PATH: MESSAGE
  std::string text() const;
};

// Adds an error. Hostile input can be wrong in a million places: past a bound one last error says that there are more.
void add_error(std::vector<Error>& errors, Error error);
// False once that bound is reached, for those who would do costly work for a better message.
bool wants_more(const std::vector<Error>& errors);
// By file, line and column.
void sort_errors(std::vector<Error>& errors);

std::string child_path(std::string_view path, std::string_view key);
std::string child_path(std::string_view path, std::size_t index);
// Quoted, control bytes escaped, cut to a readable length.
std::string quoted(std::string_view text);

// Path to place. Not thread-safe; immutable once the configuration is loaded.
class Locations {
 public:
  struct Mark {
    std::uint32_t file = 0, line = 0, column = 0;
  };

  // Returns the number by which marks refer to the file.
  std::uint32_t add_file(std::string name);
  void put(std::string path, Mark key, Mark value);
  // The value was put in place of a reference: it may be a secret, so no message may show it.
  void set_secret(const std::string& path);
  // An error about the value itself has been reported; what it was meant to be is unknown, so nothing more is said
  // about it.
  void set_refused(const std::string& path);

  // Place of the value, or of the nearest enclosing value that was written (a default has no place of its own).
  Location value(std::string_view path) const;
  // Place of the key that names the value.
  Location key(std::string_view path) const;
  // The value itself was written, it is no default.
  bool written(std::string_view path) const { return places_.contains(path); }
  bool secret(std::string_view path) const;
  bool refused(std::string_view path) const;

  // Lays values of another file over this one's.
  class Replacement {
   public:
    // Both must outlive it.
    Replacement(Locations& base, const Locations& over);
    // What `over` has at and below `path` takes the place of what `base` has there.
    void replace(const std::string& path);

   private:
    Locations& base_;
    const Locations& over_;
    std::uint32_t first_file_;
  };

 private:
  struct Place {
    Mark key, value;
    bool secret = false, refused = false;
  };
  const Place* find(std::string_view path) const;
  Location location(const Mark& mark) const;
  template <class F>
  static void each_below(const std::map<std::string, Place, std::less<>>& places, const std::string& path, F&& f);

  std::vector<std::string> files_;
  std::map<std::string, Place, std::less<>> places_;
};

}  // namespace dragoman::config
