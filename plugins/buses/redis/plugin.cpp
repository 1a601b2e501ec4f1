// SPDX-License-Identifier: Apache-2.0
// The bus redis: events from and to a Redis server, over its channels or its streams.
#include "bus.hpp"

DRAGOMAN_BUS(redis::Bus)
