package simulated

import org.codehaus.groovy.ast.ClassHelper
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*
import org.codehaus.groovy.classgen.GeneratorContext
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.CompilationCustomizer

/**
 * Jenkins writes a build to disk while a step runs, with every local variable that is alive. This compiles a check before every
 * statement of code that Jenkins would so interrupt: all that is alive must be serializable there.
 */
class CpsHonesty extends CompilationCustomizer {
    CpsHonesty() { super(CompilePhase.CONVERSION) }

    @Override
    void call(SourceUnit source, GeneratorContext context, ClassNode type) {
        type.methods.findAll { method -> !method.annotations.any { it.classNode.nameWithoutPackage == 'NonCPS' } }.each { method ->
            if (method.code != null) statement(method.code, method.parameters*.name, !method.isStatic())
        }
    }

    private void statement(Statement code, List names, boolean hasThis) {
        if (code instanceof BlockStatement) {
            List alive = new ArrayList(names)
            List checked = []
            code.statements.each { inner ->
                checked << check(alive, hasThis)
                checked << inner
                statement(inner, alive, hasThis)
                if (inner instanceof ExpressionStatement && inner.expression instanceof DeclarationExpression) {
                    alive << inner.expression.variableExpression.name
                }
            }
            code.statements.clear()
            code.statements.addAll(checked)
        } else if (code instanceof IfStatement) {
            expression(code.booleanExpression, names, hasThis)
            statement(code.ifBlock, names, hasThis)
            statement(code.elseBlock, names, hasThis)
        } else if (code instanceof ForStatement) {
            List inside = new ArrayList(names)
            if (code.collectionExpression instanceof ClosureListExpression) {
                code.collectionExpression.expressions.findAll { it instanceof DeclarationExpression }.each { inside << it.variableExpression.name }
            } else {
                inside << code.variable.name
            }
            statement(code.loopBlock, inside, hasThis)
        } else if (code instanceof WhileStatement) {
            statement(code.loopBlock, names, hasThis)
        } else if (code instanceof TryCatchStatement) {
            statement(code.tryStatement, names, hasThis)
            code.catchStatements.each { statement(it.code, names + it.variable.name, hasThis) }
            statement(code.finallyStatement, names, hasThis)
        } else if (code instanceof ExpressionStatement || code instanceof ReturnStatement) {
            expression(code.expression, names, hasThis)
        }
    }

    private void expression(Expression code, List names, boolean hasThis) {
        code.visit(new CodeVisitorSupport() {
            @Override
            void visitClosureExpression(ClosureExpression closure) {
                statement(closure.code, names + (closure.parameters ?: [])*.name, hasThis)
            }
        })
    }

    private static Statement check(List names, boolean hasThis) {
        List entries = names.unique(false).collect { new MapEntryExpression(new ConstantExpression(it), new VariableExpression(it)) }
        if (hasThis) entries << new MapEntryExpression(new ConstantExpression('this'), new VariableExpression('this'))
        new ExpressionStatement(
            new MethodCallExpression(
                new ClassExpression(ClassHelper.make(Checkpoint)), 'check', new ArgumentListExpression([new MapExpression(entries)])))
    }
}
