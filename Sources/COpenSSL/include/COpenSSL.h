/*
 * The few functions of OpenSSL 3 that the agent calls, as they are documented in the manual pages named ssl(7).
 *
 * They are function-pointer types, not prototypes: libssl is found with dlopen when TLS is configured, so that an agent
 * without TLS neither needs the library nor pays for it.
 */
#ifndef INFRAMIND_COPENSSL_H
#define INFRAMIND_COPENSSL_H

#include <stddef.h>

typedef struct COpenSSLContext COpenSSLContext;
typedef struct COpenSSLSession COpenSSLSession;
typedef struct COpenSSLVerifyParam COpenSSLVerifyParam;

/* Numbers that the library's own header hides in macros. */
enum {
    COPENSSL_FILETYPE_PEM = 1,
    COPENSSL_VERIFY_NONE = 0,
    COPENSSL_VERIFY_PEER = 1,
    COPENSSL_CTRL_MODE = 33,
    COPENSSL_CTRL_SET_TLSEXT_HOSTNAME = 55,
    COPENSSL_CTRL_SET_MIN_PROTO_VERSION = 123,
    COPENSSL_MODE_ENABLE_PARTIAL_WRITE = 0x1,
    COPENSSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 0x2,
    /* An idle session without it keeps 34 KiB of buffers. */
    COPENSSL_MODE_RELEASE_BUFFERS = 0x10,
    COPENSSL_TLSEXT_NAMETYPE_HOST_NAME = 0,
    COPENSSL_TLS1_2_VERSION = 0x0303,
    COPENSSL_ERROR_WANT_READ = 2,
    COPENSSL_ERROR_WANT_WRITE = 3
};

typedef const void *(*COpenSSLMethod)(void);
typedef COpenSSLContext *(*COpenSSLContextNew)(const void *method);
typedef void (*COpenSSLContextFree)(COpenSSLContext *context);
typedef long (*COpenSSLContextControl)(COpenSSLContext *context, int command, long number, void *pointer);
typedef int (*COpenSSLContextUseFile)(COpenSSLContext *context, const char *path);
typedef int (*COpenSSLContextUseTypedFile)(COpenSSLContext *context, const char *path, int type);
typedef int (*COpenSSLContextCheck)(const COpenSSLContext *context);
typedef int (*COpenSSLContextLoadRoots)(COpenSSLContext *context, const char *file, const char *directory);
typedef int (*COpenSSLContextDefaultRoots)(COpenSSLContext *context);
typedef void (*COpenSSLContextSetVerify)(COpenSSLContext *context, int mode, void *callback);
typedef int (*COpenSSLPasswordCallback)(char *buffer, int size, int is_writing, void *userdata);
typedef void (*COpenSSLContextSetPasswordCallback)(COpenSSLContext *context, COpenSSLPasswordCallback callback);

typedef COpenSSLSession *(*COpenSSLSessionNew)(COpenSSLContext *context);
typedef void (*COpenSSLSessionVoid)(COpenSSLSession *session);
typedef int (*COpenSSLSessionInt)(COpenSSLSession *session);
typedef int (*COpenSSLSessionSetDescriptor)(COpenSSLSession *session, int descriptor);
typedef long (*COpenSSLSessionControl)(COpenSSLSession *session, int command, long number, void *pointer);
typedef int (*COpenSSLSessionSetHost)(COpenSSLSession *session, const char *name);
typedef COpenSSLVerifyParam *(*COpenSSLSessionParam)(COpenSSLSession *session);
typedef int (*COpenSSLParamSetAddress)(COpenSSLVerifyParam *param, const char *address);
typedef int (*COpenSSLSessionRead)(COpenSSLSession *session, void *buffer, int count);
typedef int (*COpenSSLSessionWrite)(COpenSSLSession *session, const void *buffer, int count);
typedef int (*COpenSSLSessionGetError)(const COpenSSLSession *session, int result);
typedef long (*COpenSSLSessionVerifyResult)(const COpenSSLSession *session);

typedef const char *(*COpenSSLVerifyErrorText)(long code);
typedef unsigned long (*COpenSSLErrorGet)(void);
typedef void (*COpenSSLErrorClear)(void);
typedef const char *(*COpenSSLErrorReason)(unsigned long code);

#endif
