package simulated

import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer

/** Loads a shared library as Jenkins does, and runs Jenkinsfiles with it. */
class Jenkins {
    private final File library
    private final GroovyShell shell
    private final GroovyShell jenkinsfiles
    private final Map<String, Class> globals = [:]

    Jenkins(File library) {
        this.library = library
        CompilerConfiguration configuration = new CompilerConfiguration(scriptBaseClass: PipelineScript.name)
        configuration.addCompilationCustomizers(
            new ImportCustomizer().addImports('com.cloudbees.groovy.cps.NonCPS'), new CpsHonesty())
        shell = new GroovyShell(Jenkins.classLoader, new Binding(), configuration)
        shell.classLoader.addClasspath(new File(library, 'src').path)
        new File(library, 'vars').eachFileMatch(~/.*\.groovy/) { globals[it.name - '.groovy'] = shell.classLoader.parseClass(it) }
        // A Jenkinsfile sees the classes of the library, too.
        jenkinsfiles = new GroovyShell(shell.classLoader, new Binding(), new CompilerConfiguration(scriptBaseClass: PipelineScript.name))
    }

    Class type(String name) { shell.classLoader.loadClass(name) }

    /** Runs `text` as a Jenkinsfile in `build`; returns what it ended with, or null. */
    Throwable run(Build build, String text) {
        build.resources = new File(library, 'resources')
        build.library += globals.collectEntries { name, type -> [(name): type.newInstance()] }
        boolean isWanted = text =~ /(?m)^@Library\(['"]inframind(@[^'"]+)?['"]\)\s*_\s*$/
        if (!isWanted) throw new IllegalArgumentException('the Jenkinsfile does not load the library')
        Script script = jenkinsfiles.parse(text.replaceAll(/(?m)^@Library\([^)]*\)\s*_\s*$/, ''), 'Jenkinsfile')
        build.run { script.run() }
    }
}
