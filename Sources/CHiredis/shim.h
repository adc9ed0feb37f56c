// The C door to Redis' client library: hiredis' own declarations.
#include <hiredis/hiredis.h>
