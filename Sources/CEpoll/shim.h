/* What Swift's Glibc module leaves out. */
#include <sys/epoll.h>
#include <sys/socket.h>

/* Glibc declares it for GNU sources only, which Swift's compiler does not claim to be. */
extern int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);
