package kemu.litmus.path;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.dialect.Engine;
import kemu.litmus.ir.Routine;
import kemu.litmus.lower.Lowering;

/** All ways through the processes of a test. */
public final class Paths {
    private static final int MAX_PATHS = 4096;

    private final List<List<Path>> ofProcess = new ArrayList<>();
    private boolean cut;

    /** Walks every process; loops whose end depends on what is read take at most {@code unroll} turns. */
    public Paths(LitmusTest test, SharedMemory scene, int unroll, Cost cost) {
        for (LitmusTest.Process process : test.processes()) {
            Map<String, Long> registers = new HashMap<>();
            for (LitmusTest.Register register : test.registers()) {
                if (register.register().process() == process.number() && register.value() != null) {
                    registers.put(register.register().name(), scene.value(register.value()));
                }
            }
            Routine routine = Lowering.of(process, Engine.AXIOMS);
            ofProcess.add(walk(routine, scene, registers, unroll, cost));
        }
    }

    private List<Path> walk(Routine routine, SharedMemory scene, Map<String, Long> registers, int unroll, Cost cost) {
        List<Path> paths = new ArrayList<>();
        List<Boolean> choices = new ArrayList<>();
        int walks = 0;
        while (true) {
            if (++walks > MAX_PATHS) {
                throw new LitmusException(
                        routine.line(), "more than " + MAX_PATHS + " ways through P" + routine.number());
            }
            try {
                paths.add(new Walker(routine, scene::address, registers, unroll, choices, cost).walk());
            } catch (Walker.GivenUp longer) {
                cut = true;
            }
            while (!choices.isEmpty() && !choices.get(choices.size() - 1)) {
                choices.remove(choices.size() - 1);
            }
            if (choices.isEmpty()) {
                return paths;
            }
            choices.set(choices.size() - 1, false);
        }
    }

    /** The ways of each process. */
    public List<List<Path>> ofProcess() {
        return ofProcess;
    }

    /** The ways of all processes. */
    public List<Path> all() {
        return ofProcess.stream().flatMap(List::stream).toList();
    }

    /** Whether a loop was cut off. */
    public boolean cut() {
        return cut;
    }
}
