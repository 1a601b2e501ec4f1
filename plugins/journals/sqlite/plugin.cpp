// SPDX-License-Identifier: Apache-2.0
// The journal sqlite: records in one file on a local disk.
#include "common/entry.hpp"
#include "store.hpp"

DRAGOMAN_JOURNAL(journals::sqlite::Store)
