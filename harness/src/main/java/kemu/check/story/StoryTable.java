package kemu.check.story;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A story as text that fits a terminal: one column per CPU where they are wide enough, else one below the other with
 * the CPU's name at every change. What is too long for its cell goes on below it.
 */
public final class StoryTable {
    /** Columns of a terminal that does not say how many it has. */
    public static final int WIDTH = 100;

    private static final int NUMBER = 6;
    private static final int GAP = 2;
    private static final int NARROWEST = 40;
    private static final int WIDEST = 74;
    private static final int STORES = 2;

    private final Story story;
    private final PrintStream out;
    private final int cell;
    private final boolean columns;
    private int lastCpu = -1;

    private StoryTable(Story story, PrintStream out, int width) {
        this.story = story;
        this.out = out;
        int each = (width - NUMBER) / Math.max(1, story.cpus()) - GAP;
        columns = each >= NARROWEST;
        cell = Math.min(WIDEST, columns ? each : Math.max(NARROWEST, width - NUMBER - GAP));
    }

    /** Columns of this terminal: what {@code COLUMNS} says, else {@link #WIDTH}. */
    public static int terminalWidth() {
        String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : WIDTH;
    }

    /** As wide as this terminal is. */
    public static void print(Story story, PrintStream out) {
        print(story, out, terminalWidth());
    }

    /**
     * Prints what concerns more than one CPU, and what decides the failure; what lies between is counted.
     *
     * @param width columns that a line may have, as long as no single word needs more
     */
    public static void print(Story story, PrintStream out, int width) {
        new StoryTable(story, out, width).print();
    }

    private void print() {
        if (columns) {
            StringBuilder head = new StringBuilder(String.format("%" + NUMBER + "s", "step"));
            for (int i = 0; i < story.cpus(); i++) {
                head.append(" ".repeat(GAP))
                        .append(String.format("%-" + cell + "s", "CPU#" + i + " " + taskOf(story, i)));
            }
            out.println(head.toString().stripTrailing());
        } else {
            out.println(String.format("%" + NUMBER + "s", "step"));
        }
        boolean[] told = story.worthTelling();
        int left = 0;
        for (int i = 0; i < told.length; i++) {
            Step step = story.steps().get(i);
            boolean lastInRow = i + 1 == told.length || story.steps().get(i + 1).cpu() != step.cpu();
            if (!told[i]) {
                left++;
            }
            if (left > 0 && (told[i] || lastInRow)) {
                line("", step.cpu(), "(" + left + (left == 1 ? " step" : " steps") + " of its own)");
                left = 0;
            }
            if (told[i]) {
                line(String.valueOf(step.number()), step.cpu(), text(step));
                // The access that an oracle stops, and plain ones to what the failure is about, have no step.
                step.plain().stream()
                        .filter(access -> access.act().isAbout())
                        .forEach(access -> line("", step.cpu(), text(access)));
            }
            if (!step.buffered().isEmpty() && (told[i] && step.writes() || lastInRow)) {
                line("", step.cpu(), "  store buffer: " + buffer(step.buffered()));
            }
        }
    }

    /** One row: the number, and the text in the column of its CPU, folded. */
    private void line(String number, int cpu, String text) {
        if (!columns && cpu != lastCpu) {
            out.println("CPU#" + cpu + " " + taskOf(story, cpu) + ":");
            lastCpu = cpu;
        }
        String indent = " ".repeat(GAP + (columns ? cpu * (cell + GAP) : 0));
        String first = String.format("%" + NUMBER + "s", number) + indent;
        for (String part : fold(text, cell)) {
            out.println(first + part);
            first = " ".repeat(NUMBER) + indent;
        }
    }

    /** {@code text} in lines of at most {@code width} columns, broken between words, or at {@code ->} and dots. */
    static List<String> fold(String text, int width) {
        List<String> lines = new ArrayList<>();
        String rest = text.stripTrailing();
        String hanging = " ".repeat(4 + rest.length() - rest.stripLeading().length());
        while (rest.length() > width) {
            int at = breakBefore(rest, width);
            lines.add(rest.substring(0, at).stripTrailing());
            rest = hanging + rest.substring(at).stripLeading();
        }
        lines.add(rest);
        return lines;
    }

    private static int breakBefore(String text, int width) {
        int indent = text.length() - text.stripLeading().length();
        int space = text.lastIndexOf(' ', width);
        if (space > indent + (width - indent) / 3) {
            return space;
        }
        int arrow = text.lastIndexOf("->", width - 1);
        return arrow > indent + 1 ? arrow : width;
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
        return text(step.main());
    }

    /** One access in a line. */
    static String text(Access access) {
        String function = access.calls().isEmpty() ? "" : access.calls().get(0) + ": ";
        String plain = access.marked() || access.act().isAbout() ? "" : "plain ";
        return (function + plain + access.what() + " " + access.object() + change(access)).stripTrailing();
    }

    private static String change(Access access) {
        if (access.address() == 0 || access.width() == 0 || access.act().isAbout()) {
            return "";
        }
        String after = Story.value(access.after());
        String before = Story.value(access.before());
        if (access.isOld()) {
            return " = " + after + ", an old value: memory has " + Story.value(access.memory());
        }
        boolean changes = access.writes() || access.act() == Act.INVALIDATION;
        return changes && access.before() != access.after() ? " " + before + " -> " + after : " = " + after;
    }
}
