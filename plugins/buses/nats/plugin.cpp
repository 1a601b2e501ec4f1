// SPDX-License-Identifier: Apache-2.0
// The bus nats: events from and to a NATS server, with or without JetStream.
#include "bus.hpp"

DRAGOMAN_BUS(nats::Bus)
