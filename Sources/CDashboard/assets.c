#include "CDashboard.h"

static const unsigned char app_css[] = {
#embed "assets/app.css"
};
static const unsigned char live_js[] = {
#embed "assets/live.js"
};
static const unsigned char what_if_js[] = {
#embed "assets/what-if.js"
};
static const unsigned char docs_js[] = {
#embed "assets/docs.js"
};
static const unsigned char icon_svg[] = {
#embed "assets/icon.svg"
};

static const struct inframind_file files[] = {
    {"app.css", app_css, sizeof app_css},
    {"live.js", live_js, sizeof live_js},
    {"what-if.js", what_if_js, sizeof what_if_js},
    {"docs.js", docs_js, sizeof docs_js},
    {"icon.svg", icon_svg, sizeof icon_svg},
};

size_t dashboard_asset_count(void) { return sizeof files / sizeof files[0]; }

struct inframind_file dashboard_asset(size_t index) { return files[index]; }
