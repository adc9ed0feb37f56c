/* The allocator's own figures, which Swift's Glibc module leaves out. */
#ifndef CALLOCATOR_H
#define CALLOCATOR_H

#include <malloc.h>

#endif
