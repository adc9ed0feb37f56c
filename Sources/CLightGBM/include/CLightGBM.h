/*
 * Types of the few functions of LightGBM's C API (version 4.7, `LightGBM/c_api.h`) that the optimizer calls.
 *
 * They are function-pointer types, not prototypes: the library is found with dlopen while the program runs, so that a
 * machine without it still gets recommendations from the closed form. Every function returns 0 on success and -1 on
 * error; the error's text is then in `LGBM_GetLastError`.
 */
#ifndef CLIGHTGBM_H
#define CLIGHTGBM_H

#include <stdint.h>

/* A data set or a booster, opaque to us. */
typedef void *CLightGBMHandle;

/* Values of `data_type` and `predict_type` in the C API. */
enum {
    CLIGHTGBM_FLOAT32 = 0,
    CLIGHTGBM_FLOAT64 = 1,
    CLIGHTGBM_PREDICT_NORMAL = 0,
    CLIGHTGBM_PREDICT_CONTRIB = 3
};

typedef const char *(*CLightGBMGetLastError)(void);

typedef int (*CLightGBMDatasetCreateFromMat)(const void *data, int data_type, int32_t rows, int32_t columns,
                                             int is_row_major, const char *parameters, const void *reference,
                                             CLightGBMHandle *out);
typedef int (*CLightGBMDatasetSetField)(CLightGBMHandle dataset, const char *name, const void *data, int count,
                                        int type);
typedef int (*CLightGBMDatasetFree)(CLightGBMHandle dataset);

typedef int (*CLightGBMBoosterCreate)(CLightGBMHandle dataset, const char *parameters, CLightGBMHandle *out);
typedef int (*CLightGBMBoosterUpdateOneIter)(CLightGBMHandle booster, int *is_finished);
typedef int (*CLightGBMBoosterSaveModelToString)(CLightGBMHandle booster, int start_iteration, int iterations,
                                                 int importance_type, int64_t buffer_length, int64_t *out_length,
                                                 char *out);
typedef int (*CLightGBMBoosterLoadModelFromString)(const char *model, int *out_iterations, CLightGBMHandle *out);
typedef int (*CLightGBMBoosterGetNumFeature)(CLightGBMHandle booster, int *out);
/* Prediction of one row in two halves: settings are read once, rows are predicted often. */
typedef int (*CLightGBMBoosterPredictForMatSingleRowFastInit)(CLightGBMHandle booster, int predict_type,
                                                              int start_iteration, int iterations, int data_type,
                                                              int32_t columns, const char *parameters,
                                                              CLightGBMHandle *out);
typedef int (*CLightGBMBoosterPredictForMatSingleRowFast)(CLightGBMHandle fast, const void *data, int64_t *out_length,
                                                          double *out);
typedef int (*CLightGBMFastConfigFree)(CLightGBMHandle fast);
typedef int (*CLightGBMBoosterFree)(CLightGBMHandle booster);

/*
 * Joins the processes that train one model, and leaves them. The state belongs to the calling thread: data sets and
 * boosters made on it afterwards are made together with the others. `machines` is "address:port,address:port".
 */
typedef int (*CLightGBMNetworkInit)(const char *machines, int local_listen_port, int timeout_minutes,
                                    int machine_count);
typedef int (*CLightGBMNetworkFree)(void);

#endif
