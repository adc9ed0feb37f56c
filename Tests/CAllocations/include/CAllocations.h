/*
 * Counts what the calling thread allocates, for tests that promise it allocates nothing.
 *
 * This target defines malloc and its kin, and hands every call on to glibc's own. An executable's definitions are used
 * by the libraries it loads as well, Swift's among them.
 */
#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

/* Allocations of this thread since it began; what is freed stays counted. */
unsigned long long callocations_of_this_thread(void);

#endif
