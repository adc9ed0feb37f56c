#ifndef INFRAMIND_CDASHBOARD_H
#define INFRAMIND_CDASHBOARD_H

#include <stddef.h>

/// A file that is part of the program. Valid for as long as the program runs.
struct inframind_file {
    const char *name;
    const unsigned char *bytes;
    size_t size;
};

/// Style sheet, scripts and icon of the dashboard.
size_t dashboard_asset_count(void);
struct inframind_file dashboard_asset(size_t index);

/// The guides of docs/, in the order of their list, by path in docs/ without `.md`.
size_t dashboard_guide_count(void);
struct inframind_file dashboard_guide(size_t index);

#endif
