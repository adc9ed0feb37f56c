/* SwiftPM wants one source file per C target. The library itself is loaded while the program runs. */
#include "COpenSSL.h"
