import simulated.Bench
import simulated.Tests

Tests tests = new Tests()
Bench bench = new Bench()
[LibraryTests, OptimizeTests, StageTests, NotifyTests, PodTests, HostileNamesTests, ExamplesTests].each { it.newInstance().run(tests, bench) }
tests.finish()
