import Builds
import Glibc
import Testing

@testable import CLI

@Suite struct RunOutcomeTests {
    @Test(
        "A command's end is named by what ended it",
        arguments: [
            (.exited(0), nil, .success), (.exited(0), 1, .success), (.exited(2), 0, .failure),
            (.exited(2), 1, .oomKilled),
            (.exited(137), nil, .failure), (.exited(130), nil, .cancellation), (.signalled(SIGKILL), 0, .error),
            (.signalled(SIGKILL), 3, .oomKilled), (.signalled(SIGTERM), nil, .cancellation),
            (.signalled(SIGSEGV), nil, .error),
        ] as [(CommandSupervisor.End.Cause, Int64?, RunStatus)])
    func status(cause: CommandSupervisor.End.Cause, oomKills: Int64?, status: RunStatus) {
        #expect(RunStatus(cause, oomKills: oomKills) == status)
    }
}
