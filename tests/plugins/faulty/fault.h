/* SPDX-License-Identifier: Apache-2.0
 * DRAGOMAN_FAULT=KIND:WHERE in the environment says what goes wrong, and in which call. */
#ifndef DRAGOMAN_TESTS_FAULT_H
#define DRAGOMAN_TESTS_FAULT_H

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fault_is(const char* kind, const char* where) {
  const char* said = getenv("DRAGOMAN_FAULT");
  const size_t n = strlen(kind);
  return said && !strncmp(said, kind, n) && said[n] == ':' && !strcmp(said + n + 1, where);
}

static void fault_in(const char* where) {
  if (fault_is("crash", where)) raise(SIGSEGV);
  if (fault_is("exit", where)) _exit(7);
  while (fault_is("hang", where)) pause();
}

#endif
