// SPDX-License-Identifier: Apache-2.0
// The journal postgres: records in a PostgreSQL database, which several nodes may share.
#include "common/entry.hpp"
#include "store.hpp"

DRAGOMAN_JOURNAL(journals::postgres::Store)
