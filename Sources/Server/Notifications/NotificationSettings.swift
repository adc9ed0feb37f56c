import Notifications

/// Whom the server tells of events, and when.
struct NotificationSettings: Sendable {
    /// With names of their own; none: nobody is told.
    var destinations: [Destination] = []
    var digest = DigestSchedule()
    /// Where people reach this server, without a slash at its end; `nil`: messages link to the CI system's page of a run.
    var publicURL: String?
    /// How often the store is looked at for what has come of age. What is new is told at once.
    var sweepInterval = Duration.seconds(1)
    var limits = Sender.Limits()
}
