// The C door to PostgreSQL's client library: libpq's own declarations.
#include <libpq-fe.h>
