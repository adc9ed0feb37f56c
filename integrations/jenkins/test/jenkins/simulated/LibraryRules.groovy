package simulated

import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.MethodNode
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.Phases
import org.codehaus.groovy.syntax.Types

/**
 * Reads the library's source and objects to what Jenkins would refuse or get wrong, and plain Groovy does not notice:
 * calls the sandbox has not approved, steps and code of the library in `@NonCPS` methods, matchers that live across steps.
 *
 * The sandbox decides by the type of the receiver, which source does not tell; this decides by the name, which is enough to catch
 * `new File`, `.execute()` or `.collect {}` in a review.
 */
class LibraryRules {
    final List<String> objections = []
    private final Set<String> approvedNew = [] as Set
    private final Set<String> approvedStatic = [] as Set
    private final Set<String> approvedMethods = [] as Set
    private final Set<String> steps
    private final Map<String, Boolean> own = [:]
    private final Set<String> ownTypes = [] as Set

    /** @param signatures lines as the sandbox's own list has them. */
    LibraryRules(List<String> signatures, Set<String> steps) {
        this.steps = steps
        signatures.findAll { it && !it.startsWith('#') }.each { line ->
            List words = line.split(' ').toList()
            String type = words[1].tokenize('.').last()
            if (words[0] == 'new') approvedNew << type
            else if (words[0] == 'staticField') approvedStatic << "$type.${words[2]}".toString()
            else if (words[0] == 'staticMethod' && type.endsWith('GroovyMethods')) approvedMethods << words[2]
            else if (words[0] == 'staticMethod') approvedStatic << "$type.${words[2]}".toString()
            else approvedMethods << words[2]
        }
    }

    void check(List<File> files) {
        Map<File, List<ClassNode>> types = files.collectEntries { [(it): parse(it)] }
        types.each { file, nodes ->
            nodes.each { type ->
                ownTypes << type.nameWithoutPackage
                type.methods.each { method ->
                    // A name that stands for both kinds would not tell which is called.
                    if (own.containsKey(method.name) && own[method.name] != isNonCPS(method)) own[method.name] = null
                    else own[method.name] = isNonCPS(method)
                }
            }
        }
        types.each { file, nodes -> nodes.each { checkType(file, it) } }
    }

    private static List<ClassNode> parse(File file) {
        CompilationUnit unit = new CompilationUnit()
        unit.addSource(file)
        unit.compile(Phases.CONVERSION)
        unit.AST.classes
    }

    private static boolean isNonCPS(MethodNode method) { method.annotations.any { it.classNode.nameWithoutPackage == 'NonCPS' } }

    private void checkType(File file, ClassNode type) {
        boolean isClass = file.path.contains('/src/')
        if (isClass && !type.interfaces.any { it.name == 'Serializable' }) object(file, type.lineNumber, "$type.nameWithoutPackage is not Serializable")
        if (isClass && type.getField('serialVersionUID') == null) object(file, type.lineNumber, "$type.nameWithoutPackage has no serialVersionUID")
        type.declaredConstructors.each { constructor ->
            if (!constructor.annotations.empty) object(file, constructor.lineNumber, 'an annotated constructor')
        }
        // What the compiler adds to a script has no line.
        type.methods.findAll { it.code != null && it.lineNumber > 0 }.each { method -> checkMethod(file, method) }
    }

    private void checkMethod(File file, MethodNode method) {
        boolean nonCPS = isNonCPS(method)
        method.code.visit(new CodeVisitorSupport() {
            @Override
            void visitMethodCallExpression(MethodCallExpression call) {
                called(file, call, nonCPS)
                super.visitMethodCallExpression(call)
            }

            @Override
            void visitConstructorCallExpression(ConstructorCallExpression call) {
                String name = call.type.nameWithoutPackage
                if (!(name in approvedNew) && !(name in ownTypes)) object(file, call.lineNumber, "new $name")
                super.visitConstructorCallExpression(call)
            }

            @Override
            void visitPropertyExpression(PropertyExpression property) {
                String owner = property.objectExpression.text.tokenize('.').last()
                if (isType(property.objectExpression) && !(owner in ownTypes) && !("$owner.${property.propertyAsString}".toString() in approvedStatic)
                    && !(property.text ==~ /[a-z.]+\.[A-Z]\w*/)) object(file, property.lineNumber, property.text)
                super.visitPropertyExpression(property)
            }

            @Override
            void visitBinaryExpression(BinaryExpression operation) {
                if (operation.operation.type == Types.FIND_REGEX && !nonCPS) object(file, operation.lineNumber, 'a matcher outside @NonCPS')
                super.visitBinaryExpression(operation)
            }

            @Override
            void visitClosureExpression(ClosureExpression closure) {
                if (nonCPS) object(file, closure.lineNumber, 'a closure in @NonCPS')
                super.visitClosureExpression(closure)
            }

            @Override
            void visitMethodPointerExpression(MethodPointerExpression pointer) { object(file, pointer.lineNumber, 'a method pointer') }
        })
    }

    private void called(File file, MethodCallExpression call, boolean nonCPS) {
        String name = call.methodAsString
        if (name == null) {
            object(file, call.lineNumber, 'a call by a computed name')
        } else if (isType(call.objectExpression)) {
            String owner = call.objectExpression.text.tokenize('.').last()
            if (owner in ownTypes) ownCall(file, call, name, nonCPS)
            else if (!("$owner.$name".toString() in approvedStatic)) object(file, call.lineNumber, "$owner.$name()")
        } else if (name in steps && (call.implicitThis || call.objectExpression.text == 'script')) {
            if (nonCPS) object(file, call.lineNumber, "the step $name in @NonCPS")
        } else if (own.containsKey(name)) {
            ownCall(file, call, name, nonCPS)
        } else if (!(name in approvedMethods) && !(name == 'body' && call.implicitThis)) {
            object(file, call.lineNumber, ".$name()")
        }
    }

    private void ownCall(File file, MethodCallExpression call, String name, boolean nonCPS) {
        if (nonCPS && own[name] == false) object(file, call.lineNumber, "$name() in @NonCPS, which is no @NonCPS method")
    }

    private static boolean isType(Expression expression) {
        expression.text.tokenize('.').last() ==~ /[A-Z]\w*/ && !(expression instanceof ConstantExpression) && !(expression instanceof MethodCallExpression)
    }

    private void object(File file, int line, String what) { objections << "$file.name:$line: $what".toString() }
}
