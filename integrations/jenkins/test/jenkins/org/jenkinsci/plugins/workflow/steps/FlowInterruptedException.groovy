package org.jenkinsci.plugins.workflow.steps

/** Stands in for what a step throws when a person, or a time limit, stops the build. It has no message, as the real one. */
class FlowInterruptedException extends InterruptedException {}
