package kemu.litmus.kernel;

import java.util.List;
import kemu.litmus.ir.Operation;
import kemu.litmus.ir.Routine;
import kemu.litmus.ir.Value;
import kemu.litmus.path.SharedMemory;

/**
 * Compiles a routine to what it does on a {@link kemu.hw.cpu.Cpu}. Plain accesses become marked ones that order
 * nothing, so that every interleaving of them is met; what a compiler may do to them is not modelled.
 */
final class Compiler {
    private static final int MOST_TURNS = 1000;

    private final Routine routine;
    private final boolean told;
    private final Origins origins;
    private final Values values;
    private final MemoryAccesses accesses;
    private final Atomics atomics;
    private final Services services;

    /** {@code told}: operations are noted when they are executed. */
    Compiler(Routine routine, SharedMemory memory, Words words, Needs needs, boolean told) {
        this.routine = routine;
        this.told = told;
        origins = new Origins(routine);
        values = new Values(memory);
        accesses = new MemoryAccesses(memory, words, needs, origins, values);
        atomics = new Atomics(accesses, words, values);
        services = new Services(accesses, words, needs);
    }

    Code compile() {
        return compile(routine.body());
    }

    private Code compile(List<Operation> operations) {
        Code[] body = operations.stream().map(this::compile).toArray(Code[]::new);
        return switch (body.length) {
            case 0 -> local -> Code.NEXT;
            case 1 -> body[0];
            default ->
                local -> {
                    long how = Code.NEXT;
                    for (int i = 0; i < body.length && how == Code.NEXT; i++) {
                        how = body[i].run(local);
                    }
                    return how;
                };
        };
    }

    private Code compile(Operation operation) {
        if (operation instanceof Operation.Assign assign) {
            int to = assign.to();
            Code value = values.compile(assign.value());
            return local -> {
                local.registers[to] = value.run(local);
                return Code.NEXT;
            };
        }
        if (operation instanceof Operation.If branch) {
            Code test = values.compile(branch.test());
            Code yes = compile(branch.yes());
            Code no = compile(branch.no());
            return local -> (test.run(local) != 0 ? yes : no).run(local);
        }
        if (operation instanceof Operation.Loop loop) {
            return loop(loop);
        }
        if (operation instanceof Operation.Await await) {
            return told ? told(await, await(await)) : await(await);
        }
        if (operation instanceof Operation.Leave leave) {
            long how = switch (leave.how()) {
                case BREAK -> Code.BREAK;
                case CONTINUE -> Code.CONTINUE;
                case RETURN -> Code.RETURN;
            };
            return local -> how;
        }
        Code effect = effect(operation);
        return told ? told(operation, effect) : effect;
    }

    /** With a note of what is being executed. */
    private static Code told(Operation operation, Code code) {
        return local -> {
            local.operation = operation;
            return code.run(local);
        };
    }

    private Code effect(Operation operation) {
        if (operation instanceof Operation.Load load) {
            return accesses.load(load);
        }
        if (operation instanceof Operation.Store store) {
            return accesses.store(store);
        }
        if (operation instanceof Operation.Rmw rmw) {
            return atomics.rmw(rmw);
        }
        if (operation instanceof Operation.CompareExchange compare) {
            return atomics.compareExchange(compare);
        }
        if (operation instanceof Operation.AddIf add) {
            return atomics.addIf(add);
        }
        if (operation instanceof Operation.Fence fence) {
            return Services.fence(fence);
        }
        if (operation instanceof Operation.Lock lock) {
            return services.lock(lock);
        }
        if (operation instanceof Operation.Rcu rcu) {
            return services.rcu(rcu);
        }
        throw new IllegalArgumentException("the table refuses " + operation);
    }

    private Code loop(Operation.Loop loop) {
        Code test = compile(loop.test());
        Code holds = values.compile(loop.holds());
        Code body = compile(loop.body());
        Code after = compile(loop.after());
        boolean testFirst = loop.testFirst();
        // A loop that counts comes to its end; one that waits, perhaps not in this execution.
        boolean counts = origins.isFixed(loop.holds()) && !(loop.holds() instanceof Value.Const);
        return local -> {
            for (int turn = 0; ; turn++) {
                if (turn > 0 || testFirst) {
                    test.run(local);
                    if (holds.run(local) == 0) {
                        return Code.NEXT;
                    }
                }
                if (!counts) {
                    local.turned(turn);
                } else if (turn == MOST_TURNS) {
                    throw new Local.CutOff();
                }
                long how = body.run(local);
                if (how == Code.BREAK || how == Code.RETURN) {
                    return how == Code.BREAK ? Code.NEXT : how;
                }
                after.run(local);
            }
        };
    }

    /** Loads until the condition on what was seen holds. */
    private Code await(Operation.Await await) {
        int seen = await.seen();
        Code load = accesses.load(await);
        Code test = compile(await.test());
        Code holds = values.compile(await.holds());
        return local -> {
            for (int turn = 0; ; turn++) {
                local.registers[seen] = load.run(local);
                test.run(local);
                if (holds.run(local) != 0) {
                    return Code.NEXT;
                }
                local.turned(turn);
            }
        };
    }
}
