// SPDX-License-Identifier: Apache-2.0
// From a store's class to the tables of the boundary. Nothing thrown passes through.
//
// A Store has: name, version, settings_schema (static constexpr); a Reader (type); and these, which throw Failure:
//   Store(const boost::json::object& settings, std::string_view state_directory);        opens nothing
//   void open();   void close() noexcept;
//   void append(std::span<const dgm_record>, std::uint64_t* positions, std::uint8_t* fresh);
//   std::uint64_t trim(dgm_str stream, const dgm_journal_retention&);
//   dgm_status streams(dgm_journal_value, void* user);
//   void measure(dgm_journal_size&);
//   std::unique_ptr<Reader> reader() const;                      uses nothing that open() or append() changes
// A Reader has: read(), count() and values() as in dgm_journal.
// What the methods get is checked already (check.hpp).
#pragma once
#include <dragoman/ext/journal.h>

#include <boost/json/object.hpp>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>

#include "common/check.hpp"
#include "common/failure.hpp"
#include "common/settings.hpp"
#include "common/text.hpp"

namespace journals {

template <class Store>
struct Entry {
  struct Instance {
    std::unique_ptr<Store> store;
  };
  using Reader = typename Store::Reader;

  static Store& store(void* inst) {
    auto& made = static_cast<Instance*>(inst)->store;
    if (!made) throw Failure(DGM_E_INVALID, "the journal is not configured");
    return *made;
  }

  static void say(dgm_writer* why, std::string_view sentence) noexcept {
    if (!why) return;
    if (why->cap - why->len < sentence.size() && (!why->grow || why->grow(why, sentence.size()) < 0)) return;
    std::memcpy(why->ptr + why->len, sentence.data(), sentence.size());
    why->len += sentence.size();
  }

  template <class F>
  static dgm_status guard(dgm_writer* why, F&& f) noexcept {
    try {
      return f();
    } catch (const Failure& failure) {
      say(why, failure.what());
      return failure.status();
    } catch (const std::bad_alloc&) {
      say(why, "there is not enough memory");
      return DGM_E_UNAVAILABLE;
    } catch (const std::exception& error) {
      say(why, error.what());
    } catch (...) {
      say(why, "an unknown error");
    }
    return DGM_E_INTERNAL;
  }

  static dgm_status create(const dgm_host_api*, dgm_host*, void** inst) noexcept {
    *inst = new (std::nothrow) Instance;
    return *inst ? DGM_OK : DGM_E_INTERNAL;
  }
  static dgm_status configure(void* inst, const dgm_config* config, dgm_writer* why) noexcept {
    return guard(why, [&] {
      static_cast<Instance*>(inst)->store =
          std::make_unique<Store>(parse_settings(view(config->settings)), view(config->state));
      return DGM_OK;
    });
  }
  static void destroy(void* inst) noexcept { delete static_cast<Instance*>(inst); }

  static dgm_status open(void* inst, dgm_writer* why) noexcept {
    return guard(why, [&] {
      store(inst).open();
      return DGM_OK;
    });
  }
  static dgm_status append(void* inst, const dgm_record* records, std::size_t n, std::uint64_t* positions,
                           std::uint8_t* fresh, dgm_writer* why) noexcept {
    return guard(why, [&] {
      const std::span<const dgm_record> all(records, n);
      check_records(all);
      if (n) store(inst).append(all, positions, fresh);
      return DGM_OK;
    });
  }
  static dgm_status trim(void* inst, dgm_str stream, const dgm_journal_retention* retention, std::uint64_t* removed,
                         dgm_writer* why) noexcept {
    return guard(why, [&] {
      *removed = 0;
      if (retention->size != sizeof *retention)
        throw Failure(DGM_E_INVALID, "a retention has another form than this plugin knows");
      check_stream(stream);
      if (retention->most) *removed = store(inst).trim(stream, *retention);
      return DGM_OK;
    });
  }
  static dgm_status streams(void* inst, dgm_journal_value value, void* user, dgm_writer* why) noexcept {
    return guard(why, [&] { return store(inst).streams(value, user); });
  }
  static dgm_status measure(void* inst, dgm_journal_size* size, dgm_writer* why) noexcept {
    return guard(why, [&] {
      store(inst).measure(*size);
      return DGM_OK;
    });
  }
  static void close(void* inst) noexcept {
    if (auto& made = static_cast<Instance*>(inst)->store) made->close();
  }

  static dgm_status reader_open(void* inst, void** reader, dgm_writer* why) noexcept {
    return guard(why, [&] {
      *reader = nullptr;
      *reader = store(inst).reader().release();
      return DGM_OK;
    });
  }
  static dgm_status read(void* reader, const dgm_journal_query* query, dgm_journal_record record, void* user,
                         dgm_writer* why) noexcept {
    return guard(why, [&] {
      check_query(*query);
      if (!query->limit) throw Failure(DGM_E_INVALID, "a query has the limit 0");
      return static_cast<Reader*>(reader)->read(*query, record, user);
    });
  }
  static dgm_status count(void* reader, const dgm_journal_query* query, std::uint64_t* count,
                          dgm_writer* why) noexcept {
    return guard(why, [&] {
      check_query(*query);
      *count = static_cast<Reader*>(reader)->count(*query);
      return DGM_OK;
    });
  }
  static dgm_status values(void* reader, dgm_str stream, dgm_str attribute, std::uint64_t most, dgm_journal_value value,
                           void* user, dgm_writer* why) noexcept {
    return guard(why, [&] {
      check_stream(stream);
      check_attribute_name(attribute);
      return static_cast<Reader*>(reader)->values(stream, attribute, most, value, user);
    });
  }
  static void reader_close(void* reader) noexcept { delete static_cast<Reader*>(reader); }

  static constexpr dgm_journal journal{sizeof(dgm_journal), 0,    open,  append, trim,        streams, measure, close,
                                       reader_open,         read, count, values, reader_close};
  static const void* query(dgm_str id) noexcept { return view(id) == DGM_EXT_JOURNAL ? &journal : nullptr; }
  static constexpr dgm_plugin_api api{sizeof(dgm_plugin_api), 0, create, configure, nullptr, nullptr, destroy, query};
};

}  // namespace journals

// In one source file of the plugin, at namespace scope.
#define DRAGOMAN_JOURNAL(Class) \
  DGM_PLUGIN_ENTRY(Class::name, Class::version, Class::settings_schema, &journals::Entry<Class>::api);
