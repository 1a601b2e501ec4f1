// SPDX-License-Identifier: Apache-2.0
// The bus mqtt: events from and to a broker that speaks MQTT 3.1.1 or 5.
#include "bus.hpp"

DRAGOMAN_BUS(mqtt::Bus)
