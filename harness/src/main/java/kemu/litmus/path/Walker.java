package kemu.litmus.path;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ir.Operation;
import kemu.litmus.ir.Operator;
import kemu.litmus.ir.Routine;
import kemu.litmus.ir.Value;

/**
 * Walks one way through a routine; at a branch that depends on what is read it goes where it is told. Control
 * dependencies reach the arms of a branch, not what follows it, as in the kernel's model.
 */
final class Walker {
    private static final int MAX_TURNS = 1000;

    /** Thrown when a way is given up: a loop would have to be unrolled further. */
    static final class GivenUp extends RuntimeException {
        private static final long serialVersionUID = 1L;

        GivenUp() {
            super(null, null, false, false);
        }
    }

    private enum Flow {
        NEXT,
        BREAK,
        CONTINUE,
        RETURN
    }

    private final Routine routine;
    private final ToLongFunction<String> addresses;
    private final Map<String, Long> initial;
    private final int unroll;
    private final Cost cost;
    private final List<Boolean> choices;
    private int chosen;
    private final Val[] registers;
    private final Events events;
    private final Effects effects;
    private final List<Path.Guard> guards = new ArrayList<>();
    /** Line of what is being followed. */
    private int line;

    /** Will go as {@code choices} say, and append to them where they end. */
    Walker(
            Routine routine,
            ToLongFunction<String> addresses,
            Map<String, Long> initial,
            int unroll,
            List<Boolean> choices,
            Cost cost) {
        this.routine = routine;
        this.addresses = addresses;
        this.initial = initial;
        this.unroll = unroll;
        this.choices = choices;
        this.cost = cost;
        events = new Events(routine);
        effects = new Effects(this, events);
        registers = new Val[routine.registers()];
        Arrays.fill(registers, Val.ZERO);
        routine.named().forEach((name, number) -> registers[number] = Val.of(initial.getOrDefault(name, 0L)));
    }

    Path walk() {
        try {
            run(routine.body());
        } catch (LitmusException wrong) {
            throw wrong.line() > 0 ? wrong : new LitmusException(Math.max(line, routine.line()), wrong.getMessage());
        }
        Map<String, Sym> last = new HashMap<>();
        initial.forEach((name, value) -> last.put(name, Sym.of(value)));
        routine.parameters().forEach(name -> last.put(name, Sym.of(addresses.applyAsLong(name))));
        routine.named().forEach((name, number) -> last.put(name, registers[number].sym()));
        return new Path(events.all(), events.reads(), List.copyOf(guards), last);
    }

    // ---- flow -----------------------------------------------------------------------------------------------------

    private Flow run(List<Operation> body) {
        for (int i = 0; i < body.size(); i++) {
            Flow flow = run(body.get(i));
            if (flow != Flow.NEXT) {
                return flow;
            }
        }
        return Flow.NEXT;
    }

    private Flow run(Operation operation) {
        cost.spend(1);
        if (operation instanceof Operation.If branch) {
            Val test = eval(branch.test());
            long outside = events.decidedBy(test.deps());
            Flow flow = run(goes(test) ? branch.yes() : branch.no());
            events.decidedBefore(outside);
            return flow;
        }
        if (operation instanceof Operation.Loop loop) {
            return loop(loop);
        }
        if (operation instanceof Operation.Leave leave) {
            return switch (leave.how()) {
                case BREAK -> Flow.BREAK;
                case CONTINUE -> Flow.CONTINUE;
                case RETURN -> Flow.RETURN;
            };
        }
        line = operation.line();
        if (operation instanceof Operation.Assign assign) {
            registers[assign.to()] = eval(assign.value());
        } else if (operation instanceof Operation.Await await) {
            await(await);
        } else {
            effects.of(operation);
        }
        return Flow.NEXT;
    }

    private Flow loop(Operation.Loop loop) {
        long outside = events.decidedBy(0);
        boolean endless = loop.holds() instanceof Value.Const always && always.number() != 0;
        int decided = chosen;
        int open = 0;
        for (int turn = 0; turn < MAX_TURNS; turn++) {
            if (turn > 0 || loop.testFirst()) {
                run(loop.test());
                Val test = eval(loop.holds());
                if (!goes(test)) {
                    events.decidedBefore(outside);
                    return Flow.NEXT;
                }
                open += test.sym().isConst() ? 0 : 1;
                events.decidedBy(test.deps());
            }
            // An endless loop ends by a break, which is decided in its body.
            open += endless && chosen > decided ? 1 : 0;
            decided = chosen;
            if (open > unroll) {
                throw new GivenUp();
            }
            Flow flow = run(loop.body());
            if (flow == Flow.BREAK || flow == Flow.RETURN) {
                events.decidedBefore(outside);
                return flow == Flow.BREAK ? Flow.NEXT : flow;
            }
            run(loop.after());
        }
        throw new LitmusException(loop.line(), "loop of more than " + MAX_TURNS + " turns");
    }

    /** The reads that do not end the wait order nothing and are left out. */
    private void await(Operation.Await await) {
        registers[await.seen()] = effects.load(eval(await.address()), await.order(), await.line());
        run(await.test());
        if (!goes(eval(await.holds()))) {
            throw new GivenUp();
        }
    }

    /** Whether this way takes {@code test} for true. */
    private boolean goes(Val test) {
        if (test.sym().isConst()) {
            return test.sym().constant() != 0;
        }
        boolean yes = chooses();
        guards.add(new Path.Guard(test.sym(), yes));
        return yes;
    }

    /** Whether this way takes the first of two alternatives; the caller says what each requires. */
    boolean chooses() {
        if (chosen == choices.size()) {
            choices.add(true);
        }
        return choices.get(chosen++);
    }

    /** This way is possible only if {@code test} is zero or not, as {@code nonzero} says. */
    void require(Val test, boolean nonzero) {
        guards.add(new Path.Guard(test.sym(), nonzero));
    }

    // ---- values ---------------------------------------------------------------------------------------------------

    void set(int register, Val value) {
        if (register != Operation.NOWHERE) {
            registers[register] = value;
        }
    }

    Val eval(Value value) {
        if (value instanceof Value.Register register) {
            return registers[register.number()];
        }
        if (value instanceof Value.Const c) {
            return Val.of(c.number());
        }
        if (value instanceof Value.Address address) {
            return Val.of(addresses.applyAsLong(address.name()));
        }
        cost.spend(1);
        if (value instanceof Value.Chosen chosenValue) {
            return eval(chosenValue.value()).with(eval(chosenValue.test()).deps());
        }
        Value.Binary binary = (Value.Binary) value;
        Val left = eval(binary.left());
        Val right = eval(binary.right());
        boolean and = binary.operator() == Operator.LAND;
        if ((and || binary.operator() == Operator.LOR) && left.sym().isConst()) {
            // The right side counts only where the left one does not decide.
            boolean open = left.sym().constant() != 0 == and;
            return (open ? Val.of(Operator.NE, right, Val.ZERO) : Val.of(and ? 0 : 1)).with(left.deps());
        }
        return Val.of(binary.operator(), left, right);
    }
}
