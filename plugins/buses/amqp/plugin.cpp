// SPDX-License-Identifier: Apache-2.0
// The bus amqp: events from and to a broker that speaks AMQP 0-9-1.
#include "bus.hpp"

DRAGOMAN_BUS(amqp::Bus)
