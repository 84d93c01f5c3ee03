package kemu.litmus.lower;

import java.util.List;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.ast.Stmt;
import kemu.litmus.dialect.Engine;
import kemu.litmus.ir.Emitter;
import kemu.litmus.ir.Operation;
import kemu.litmus.ir.Routine;
import kemu.litmus.ir.Value;

/** Lowers the statements of a process. All of them, also those that are never reached: what is unknown is refused. */
public final class Lowering {
    private final Emitter code = new Emitter();
    private final Expressions expressions;

    private Lowering(LitmusTest.Process process, Engine engine) {
        expressions = new Expressions(process, engine, code);
    }

    /**
     * What {@code process} does, for {@code engine}.
     *
     * @throws LitmusException if it uses something that is not known, or that the engine refuses
     */
    public static Routine of(LitmusTest.Process process, Engine engine) {
        Lowering lowering = new Lowering(process, engine);
        lowering.code.at(process.line());
        lowering.lower(process.body());
        return lowering.code.routine(process.number(), process.parameters(), process.line());
    }

    private void lower(Stmt stmt) {
        if (stmt instanceof Stmt.Eval e) {
            expressions.discard(e.expr());
        } else if (stmt instanceof Stmt.Declare d) {
            declare(d);
        } else if (stmt instanceof Stmt.Block block) {
            block.body().forEach(this::lower);
        } else if (stmt instanceof Stmt.If branch) {
            Value test = expressions.value(branch.test());
            List<Operation> yes = code.apart(() -> lower(branch.yes()));
            List<Operation> no = branch.no() == null ? List.of() : code.apart(() -> lower(branch.no()));
            code.emit(new Operation.If(test, yes, no, code.line()));
        } else if (stmt instanceof Stmt.Loop loop) {
            loop(loop);
        } else {
            Stmt.Leave leave = (Stmt.Leave) stmt;
            code.emit(new Operation.Leave(
                    switch (leave.how()) {
                        case "break" -> Operation.Leave.How.BREAK;
                        case "continue" -> Operation.Leave.How.CONTINUE;
                        default -> Operation.Leave.How.RETURN;
                    },
                    leave.line()));
        }
    }

    private void declare(Stmt.Declare d) {
        code.at(d.line());
        Value.Register register = code.named(d.name());
        if (d.initial() != null) {
            Value initial = expressions.value(d.initial());
            code.emit(new Operation.Assign(register.number(), initial, d.line()));
        }
    }

    private void loop(Stmt.Loop loop) {
        if (loop.before() != null) {
            lower(loop.before());
        }
        Value[] holds = new Value[1];
        List<Operation> test = code.apart(() -> holds[0] = expressions.value(loop.test()));
        List<Operation> body = code.apart(() -> lower(loop.body()));
        List<Operation> after = loop.after() == null ? List.of() : code.apart(() -> expressions.discard(loop.after()));
        code.emit(new Operation.Loop(test, holds[0], body, after, loop.testFirst(), loop.line()));
    }
}
