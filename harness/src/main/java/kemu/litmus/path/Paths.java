package kemu.litmus.path;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.litmus.LitmusException;
import kemu.litmus.ast.LitmusTest;

/** All ways through the processes of a test. */
public final class Paths {
    private static final int MAX_PATHS = 4096;

    private final List<List<Path>> ofProcess = new ArrayList<>();
    private boolean cut;

    /** Walks every process; loops whose end depends on what is read take at most {@code unroll} turns. */
    public Paths(LitmusTest test, Scene scene, int unroll, Cost cost) {
        for (LitmusTest.Process process : test.processes()) {
            Map<String, Long> registers = new HashMap<>();
            for (LitmusTest.Register register : test.registers()) {
                if (register.register().process() == process.number() && register.value() != null) {
                    registers.put(register.register().name(), scene.value(register.value()));
                }
            }
            ofProcess.add(walk(process, scene, registers, unroll, cost));
        }
    }

    private List<Path> walk(
            LitmusTest.Process process, Scene scene, Map<String, Long> registers, int unroll, Cost cost) {
        List<Path> paths = new ArrayList<>();
        List<Boolean> choices = new ArrayList<>();
        int walks = 0;
        while (true) {
            if (++walks > MAX_PATHS) {
                throw new LitmusException(
                        process.line(), "more than " + MAX_PATHS + " ways through P" + process.number());
            }
            try {
                paths.add(new Walker(process, scene, registers, unroll, choices, cost).walk());
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
