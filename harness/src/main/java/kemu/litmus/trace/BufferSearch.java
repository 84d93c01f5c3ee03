package kemu.litmus.trace;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.hw.cache.MemoryModel;
import kemu.litmus.Model;
import kemu.litmus.ast.Cond;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Witnesses;
import kemu.litmus.path.Cookies;
import kemu.litmus.path.Path;
import kemu.litmus.path.SharedMemory;
import kemu.litmus.path.Sym;

/**
 * Looks for the shortest way of a {@link BufferMachine} to the outcome of a test, breadth first. Follows only what can
 * still become one of the executions that the axioms allow and that show the outcome.
 */
final class BufferSearch {
    /** Nodes looked at before it gives up. */
    private static final int LIMIT = 400_000;

    private final LitmusTest test;
    private final SharedMemory scene;
    private final MemoryModel model;
    private final Witnesses witnesses;
    private int nodes;
    private boolean complete = true;
    private List<Path> paths;

    private record Node(Node before, int choice, int depth) {}

    BufferSearch(Witnesses witnesses, Model model) {
        this.test = witnesses.test();
        this.scene = witnesses.scene();
        this.witnesses = witnesses;
        this.model = MemoryModel.valueOf(model.name());
    }

    /** The choices of the shortest way, or null. */
    int[] find() {
        Map<List<Path>, List<long[]>> byPaths = new HashMap<>();
        for (Witnesses.Witness witness : witnesses.found()) {
            byPaths.computeIfAbsent(witness.paths(), key -> new ArrayList<>()).add(witness.values());
        }
        int[] best = null;
        for (Map.Entry<List<Path>, List<long[]>> one : byPaths.entrySet()) {
            try (BufferMachine machine = new BufferMachine(model, scene, one.getKey())) {
                int[] way = find(machine, one.getKey(), one.getValue());
                if (way != null && (best == null || way.length < best.length)) {
                    best = way;
                    paths = one.getKey();
                }
            }
        }
        return best;
    }

    /** Whether everything was looked at. */
    boolean complete() {
        return complete && witnesses.complete();
    }

    /** The ways through the processes of what was found. */
    List<Path> paths() {
        return paths;
    }

    private int[] find(BufferMachine machine, List<Path> ways, List<long[]> wanted) {
        Set<Long> seen = new HashSet<>();
        Deque<Node> open = new ArrayDeque<>();
        open.add(new Node(null, 0, 0));
        while (!open.isEmpty()) {
            Node node = open.remove();
            if (++nodes > LIMIT) {
                complete = false;
                return null;
            }
            int[] way = way(node);
            repeat(machine, way);
            if (machine.atEnd()) {
                if (shows(machine, ways)) {
                    return way;
                }
                continue;
            }
            if (!promising(machine.values(), wanted) || !seen.add(machine.stateHash())) {
                continue;
            }
            for (int choice : machine.choices()) {
                open.add(new Node(node, choice, node.depth + 1));
            }
        }
        return null;
    }

    private static int[] way(Node node) {
        int[] way = new int[node.depth];
        for (Node n = node; n.depth > 0; n = n.before) {
            way[n.depth - 1] = n.choice;
        }
        return way;
    }

    static void repeat(BufferMachine machine, int[] way) {
        machine.start();
        for (int choice : way) {
            machine.apply(choice);
        }
    }

    private static boolean promising(long[] values, List<long[]> wanted) {
        for (long[] one : wanted) {
            boolean fits = true;
            for (int i = 0; i < values.length && fits; i++) {
                fits = values[i] == Sym.UNKNOWN || plain(values[i]) == one[i];
            }
            if (fits) {
                return true;
            }
        }
        return false;
    }

    private boolean shows(BufferMachine machine, List<Path> ways) {
        Cond filter = test.filter();
        if (filter != null && !filter.holds(item -> value(item, machine, ways))) {
            return false;
        }
        boolean holds = test.condition().holds(item -> value(item, machine, ways));
        return holds != test.quantifier().equals("forall")
                && Arrays.stream(machine.values()).noneMatch(v -> v == Sym.UNKNOWN);
    }

    /** What {@code item} is at the end. */
    long value(Item item, BufferMachine machine, List<Path> ways) {
        long value;
        if (item instanceof Item.Reg reg) {
            int readBase = 0;
            for (int p = 0; p < reg.process(); p++) {
                readBase += ways.get(p).reads();
            }
            Sym sym = ways.get(reg.process()).registers().get(reg.name());
            value = sym == null ? 0 : sym.eval(machine.values(), readBase);
        } else if (item instanceof Item.Loc loc) {
            value = machine.memory(scene.index(loc));
        } else {
            value = scene.value(item);
        }
        return plain(value);
    }

    /** The axioms know which srcu lock an unlock ends by where its value comes from, the machine by the value. */
    private static long plain(long value) {
        return Cookies.isCookie(value) ? 0 : value;
    }
}
