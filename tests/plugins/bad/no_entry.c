/* SPDX-License-Identifier: Apache-2.0
 * A stray library. Its constructor would be noticed: it must never run. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>

__attribute__((constructor)) static void ran(void) {
  setenv("DRAGOMAN_STRAY_CONSTRUCTOR", "ran", 1);
}

__attribute__((visibility("default"))) int answer(void) {
  return 42;
}
