#include "CDashboard.h"

// What stands in docs/ is what the server shows: there is no second copy.
static const unsigned char quickstart[] = {
#embed "../../docs/quickstart.md"
};
static const unsigned char dashboard[] = {
#embed "../../docs/dashboard.md"
};
static const unsigned char api[] = {
#embed "../../docs/api.md"
};
static const unsigned char ml[] = {
#embed "../../docs/ml.md"
};
static const unsigned char integrations[] = {
#embed "../../docs/integrations.md"
};
static const unsigned char notifications[] = {
#embed "../../docs/notifications.md"
};
static const unsigned char observability[] = {
#embed "../../docs/observability.md"
};
static const unsigned char reference_metrics[] = {
#embed "../../docs/reference/metrics.md"
};
static const unsigned char agent[] = {
#embed "../../docs/agent.md"
};
static const unsigned char agent_attribution[] = {
#embed "../../docs/agent-attribution.md"
};
static const unsigned char reference_agent_metrics[] = {
#embed "../../docs/reference/agent-metrics.md"
};
static const unsigned char operations_readme[] = {
#embed "../../docs/operations/README.md"
};
static const unsigned char operations_installing[] = {
#embed "../../docs/operations/installing.md"
};
static const unsigned char operations_images[] = {
#embed "../../docs/operations/images.md"
};
static const unsigned char operations_sizing[] = {
#embed "../../docs/operations/sizing.md"
};
static const unsigned char operations_replicas[] = {
#embed "../../docs/operations/replicas.md"
};
static const unsigned char operations_backup[] = {
#embed "../../docs/operations/backup.md"
};
static const unsigned char operations_upgrading[] = {
#embed "../../docs/operations/upgrading.md"
};
static const unsigned char operations_secrets[] = {
#embed "../../docs/operations/secrets.md"
};
static const unsigned char operations_disaster_recovery[] = {
#embed "../../docs/operations/disaster-recovery.md"
};
static const unsigned char operations_security[] = {
#embed "../../docs/operations/security.md"
};
static const unsigned char operations_training[] = {
#embed "../../docs/operations/training.md"
};
static const unsigned char operations_runbooks_readme[] = {
#embed "../../docs/operations/runbooks/README.md"
};
static const unsigned char benchmarks[] = {
#embed "../../docs/benchmarks.md"
};
static const unsigned char architecture[] = {
#embed "../../docs/architecture.md"
};

static const struct inframind_file files[] = {
    {"quickstart", quickstart, sizeof quickstart},
    {"dashboard", dashboard, sizeof dashboard},
    {"api", api, sizeof api},
    {"ml", ml, sizeof ml},
    {"integrations", integrations, sizeof integrations},
    {"notifications", notifications, sizeof notifications},
    {"observability", observability, sizeof observability},
    {"reference/metrics", reference_metrics, sizeof reference_metrics},
    {"agent", agent, sizeof agent},
    {"agent-attribution", agent_attribution, sizeof agent_attribution},
    {"reference/agent-metrics", reference_agent_metrics, sizeof reference_agent_metrics},
    {"operations/README", operations_readme, sizeof operations_readme},
    {"operations/installing", operations_installing, sizeof operations_installing},
    {"operations/images", operations_images, sizeof operations_images},
    {"operations/sizing", operations_sizing, sizeof operations_sizing},
    {"operations/replicas", operations_replicas, sizeof operations_replicas},
    {"operations/backup", operations_backup, sizeof operations_backup},
    {"operations/upgrading", operations_upgrading, sizeof operations_upgrading},
    {"operations/secrets", operations_secrets, sizeof operations_secrets},
    {"operations/disaster-recovery", operations_disaster_recovery, sizeof operations_disaster_recovery},
    {"operations/security", operations_security, sizeof operations_security},
    {"operations/training", operations_training, sizeof operations_training},
    {"operations/runbooks/README", operations_runbooks_readme, sizeof operations_runbooks_readme},
    {"benchmarks", benchmarks, sizeof benchmarks},
    {"architecture", architecture, sizeof architecture},
};

size_t dashboard_guide_count(void) { return sizeof files / sizeof files[0]; }

struct inframind_file dashboard_guide(size_t index) { return files[index]; }
