// SPDX-License-Identifier: Apache-2.0
// The compiled half of Asio and Beast, once for the program.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
