package kemu.check.story;

import java.io.PrintStream;
import java.util.List;

/** A story as text: one column per CPU. */
public final class StoryTable {
    private static final int WIDTH = 72;
    private static final int STORES = 2;

    private StoryTable() {}

    /**
     * Prints the accesses to words that CPUs share, and the waits; what lies between concerns one CPU and is counted.
     */
    public static void print(Story story, PrintStream out) {
        StringBuilder head = new StringBuilder(String.format("%6s", "step"));
        for (int i = 0; i < story.cpus(); i++) {
            head.append("  ").append(String.format("%-" + WIDTH + "s", "CPU#" + i + " " + taskOf(story, i)));
        }
        out.println(head.toString().stripTrailing());
        boolean[] told = story.worthTelling();
        int left = 0;
        for (int i = 0; i < told.length; i++) {
            Step step = story.steps().get(i);
            boolean lastInRow = i + 1 == told.length || story.steps().get(i + 1).cpu() != step.cpu();
            if (!told[i] && !(lastInRow && left > 0)) {
                left++;
                continue;
            }
            String indent = "  " + " ".repeat(step.cpu() * (WIDTH + 2));
            if (left > 0) {
                out.println(" ".repeat(6) + indent + "(" + left + (left == 1 ? " step" : " steps") + " of its own)");
                left = 0;
            }
            out.println(String.format("%6d", step.number()) + indent + text(step));
            if (!step.buffered().isEmpty() && (step.writes() || lastInRow)) {
                out.println(" ".repeat(8) + indent + "store buffer: " + buffer(step.buffered()));
            }
        }
    }

    /** The youngest stores, and how many more there are. */
    private static String buffer(List<String> stores) {
        int hidden = Math.max(0, stores.size() - STORES);
        return (hidden == 0 ? "" : hidden + " older; ") + String.join("; ", stores.subList(hidden, stores.size()));
    }

    /** The task that CPU {@code cpu} begins with, or nothing. */
    static String taskOf(Story story, int cpu) {
        for (Step step : story.steps()) {
            if (step.cpu() == cpu) {
                return step.task();
            }
        }
        return "";
    }

    /** One step in a line. */
    static String text(Step step) {
        String function = step.function().isEmpty() ? "" : step.function() + ": ";
        return (function + step.what() + " " + step.object() + change(step)).stripTrailing();
    }

    private static String change(Step step) {
        if (step.address() == 0 || step.width() == 0) {
            return "";
        }
        String after = Story.value(step.width() == 4 ? (int) step.after() : step.after());
        String before = Story.value(step.width() == 4 ? (int) step.before() : step.before());
        return step.writes() && step.before() != step.after() ? " " + before + " -> " + after : " = " + after;
    }
}
