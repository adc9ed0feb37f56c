import Builds
import ServiceLifecycle
import Sharing

extension JobKind {
    /// A tenant's model is to be trained; the payload is the tenant's name.
    static let training: JobKind = "training"
}

/// Works off the trainings that wait, whichever server asked for them.
struct TrainingWorker: Service {
    let learner: Learner

    func run() async throws {
        let resources = learner.resources
        await cancelWhenGracefulShutdown {
            await JobWorker(.training, of: resources.sharing.queue).run { claim in
                let tenant = TenantID(String(decoding: claim.job.payload, as: UTF8.self))
                do {
                    try await learner.trainIfDue(tenant)
                } catch {
                    resources.logger.error(
                        "Training failed; it is tried again", error: error,
                        metadata: ["tenant.id": "\(tenant)", "job.delivery": "\(claim.delivery)"])
                    throw error
                }
            }
        }
    }
}
