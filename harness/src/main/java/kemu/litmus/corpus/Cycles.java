package kemu.litmus.corpus;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Generates tests from cycles: each process makes two accesses, the second to the location of the next process's first;
 * the condition asks whether all of them can be observed in the order that closes the cycle. Between processes stands
 * reads-from (W then R), from-reads (R then W) or coherence (W then W).
 */
public final class Cycles {
    private static final Map<String, String> CLASSIC = classic();

    private Cycles() {}

    private static Map<String, String> classic() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("WR+WR", "SB");
        names.put("WW+RR", "MP");
        names.put("RW+RW", "LB");
        names.put("WW+WR", "R");
        names.put("WW+RW", "S");
        names.put("WW+WW", "2+2W");
        names.put("WR+WR+WR", "3.SB");
        names.put("RW+RW+RW", "3.LB");
        names.put("WW+RW+RR", "ISA2");
        names.put("WW+RW+WR", "Z6.0");
        names.put("WW+WW+RR", "Z6.1");
        names.put("WW+WW+WR", "Z6.2");
        names.put("WW+WW+RW", "Z6.3");
        names.put("WW+WR+WR", "Z6.4");
        names.put("WW+RR+WR", "Z6.5");
        names.put("WW+WW+WW", "3.2W");
        return names;
    }

    /** One process: whether its accesses write, and what stands between. */
    record Process(boolean firstWrites, boolean secondWrites, Link link) {
        String shape() {
            return (firstWrites ? "W" : "R") + (secondWrites ? "W" : "R");
        }
    }

    /**
     * Passes name and text of every test of two processes, and of every {@code stride}-th of three.
     *
     * @return number of tests
     */
    public static int generate(int stride, BiConsumer<String, String> sink) {
        int[] count = new int[2];
        extend(new ArrayList<>(), 2, cycle -> {
            sink.accept(name(cycle), text(cycle));
            count[0]++;
        });
        extend(new ArrayList<>(), 3, cycle -> {
            if (count[1]++ % stride == 0) {
                sink.accept(name(cycle), text(cycle));
                count[0]++;
            }
        });
        return count[0];
    }

    private static void extend(List<Process> cycle, int size, java.util.function.Consumer<List<Process>> sink) {
        if (cycle.size() == size) {
            if (communicates(cycle.get(size - 1), cycle.get(0)) && isFirstRotation(cycle)) {
                sink.accept(cycle);
            }
            return;
        }
        for (int directions = 0; directions < 4; directions++) {
            for (Link link : Link.values()) {
                Process next = new Process((directions & 1) == 0, (directions & 2) == 0, link);
                boolean joins = cycle.isEmpty() || communicates(cycle.get(cycle.size() - 1), next);
                if (joins && link.fits(next.firstWrites, next.secondWrites)) {
                    cycle.add(next);
                    extend(cycle, size, sink);
                    cycle.remove(cycle.size() - 1);
                }
            }
        }
    }

    private static boolean communicates(Process from, Process to) {
        return from.secondWrites || to.firstWrites;
    }

    /** Of all rotations of a cycle one is enough: the one whose name comes last. */
    private static boolean isFirstRotation(List<Process> cycle) {
        String own = key(cycle, 0);
        for (int by = 1; by < cycle.size(); by++) {
            if (key(cycle, by).compareTo(own) > 0) {
                return false;
            }
        }
        return true;
    }

    private static String key(List<Process> cycle, int by) {
        StringBuilder shape = new StringBuilder();
        StringBuilder links = new StringBuilder();
        for (int i = 0; i < cycle.size(); i++) {
            Process process = cycle.get((i + by) % cycle.size());
            shape.append(process.shape());
            links.append((char) ('a' + process.link.ordinal()));
        }
        // Classic names begin with the process that writes most.
        return shape.toString().replace('R', 'A') + links;
    }

    static String name(List<Process> cycle) {
        StringBuilder shape = new StringBuilder();
        StringBuilder links = new StringBuilder();
        for (Process process : cycle) {
            shape.append(shape.isEmpty() ? "" : "+").append(process.shape());
            links.append('+').append(process.link.label());
        }
        return CLASSIC.getOrDefault(shape.toString(), shape.toString().replace("+", "")) + links;
    }

    static String text(List<Process> cycle) {
        StringBuilder out = new StringBuilder("C ").append(name(cycle)).append("\n\n{}\n");
        List<String> condition = new ArrayList<>();
        int size = cycle.size();
        for (int i = 0; i < size; i++) {
            Process process = cycle.get(i);
            Process previous = cycle.get((i + size - 1) % size);
            int next = (i + 1) % size;
            boolean contended = previous.secondWrites && process.firstWrites;
            out.append("\nP")
                    .append(i)
                    .append("(int *x")
                    .append(i)
                    .append(", int *x")
                    .append(next);
            out.append(", spinlock_t *l, spinlock_t *m, struct srcu_struct *s)\n{\n");
            out.append(Body.of(process, "x" + i, "x" + next, contended ? 2 : 1)).append("}\n");
            if (contended) {
                condition.add("x" + i + "=2");
            }
            if (!process.firstWrites) {
                condition.add(i + ":r0=1");
            }
            if (!process.secondWrites) {
                condition.add(i + ":r1=0");
            }
        }
        return out.append("\nexists (")
                .append(String.join(" /\\ ", condition))
                .append(")\n")
                .toString();
    }
}
