package kemu.hw.sched;

import java.util.List;

/** Schedules as text: a version, one {@code key value} per line, the steps run-length encoded, and an end mark. */
public final class ScheduleText {
    /** A text that is no schedule of this version; the message is one line. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    private static final String MAGIC = "kemu-schedule";
    private static final String VERSION = "1";
    private static final String END = "end";
    private static final int RUNS_PER_LINE = 12;
    private static final List<String> KEYS =
            List.of("scenario", "options", "strategy", "seed", "polls", "lanes", "scene", "outcome", "steps", "state");

    private ScheduleText() {}

    /** The text of {@code schedule}. */
    public static String write(Schedule schedule) {
        Trail trail = schedule.trail();
        Lanes lanes = new Lanes(schedule.cpus(), schedule.drains(), schedule.delivers());
        StringBuilder out = new StringBuilder(256 + 8 * trail.runs());
        out.append(MAGIC).append(' ').append(VERSION).append('\n');
        line(out, "scenario", schedule.scenario());
        line(out, "options", schedule.options());
        line(out, "strategy", schedule.strategy());
        line(out, "seed", Long.toString(schedule.seed()));
        line(out, "polls", schedule.pollsAreSteps() ? "steps" : "plain");
        line(out, "lanes", lanes.cpus() + " " + lanes.drains() + " " + lanes.delivers());
        line(out, "scene", Long.toHexString(schedule.sceneHash()));
        line(out, "outcome", schedule.outcome().name());
        line(out, "steps", Integer.toString(trail.steps()));
        line(out, "state", Long.toHexString(schedule.stateHash()));
        for (int run = 0; run < trail.runs(); run++) {
            out.append(run % RUNS_PER_LINE == 0 ? "run" : "");
            out.append(' ').append(lanes.name(trail.lane(run))).append('*').append(trail.count(run));
            boolean last = run % RUNS_PER_LINE == RUNS_PER_LINE - 1 || run == trail.runs() - 1;
            out.append(last ? "\n" : "");
        }
        return out.append(END).append('\n').toString();
    }

    private static void line(StringBuilder out, String key, String value) {
        out.append(key).append(' ').append(value.replace('\n', ' ')).append('\n');
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws Malformed if it is something else, of another version, damaged or truncated
     */
    public static Schedule read(String text) throws Malformed {
        String[] lines = text.split("\n", -1);
        String[] head = lines[0].strip().split(" ");
        if (!head[0].equals(MAGIC)) {
            throw new Malformed("not a schedule: the first line is not \"" + MAGIC + " " + VERSION + "\"");
        }
        if (head.length != 2 || !head[1].equals(VERSION)) {
            throw new Malformed("schedule of version " + (head.length < 2 ? "?" : head[1])
                    + " (this program reads version " + VERSION + ")");
        }
        String[] values = new String[KEYS.size()];
        int at = 1;
        for (int key = 0; key < values.length; key++, at++) {
            String start = KEYS.get(key) + " ";
            if (at >= lines.length || !lines[at].startsWith(start)) {
                throw bad(lines, at, "expected \"" + start + "...\"");
            }
            values[key] = lines[at].substring(start.length());
        }
        try {
            return build(values, lines, at);
        } catch (IllegalArgumentException wrong) {
            throw new Malformed("schedule: " + wrong.getMessage());
        }
    }

    private static Schedule build(String[] values, String[] lines, int firstRun) throws Malformed {
        String[] shape = values[5].split(" ");
        if (shape.length != 3) {
            throw new Malformed("schedule: lanes: " + values[5]);
        }
        Lanes lanes = new Lanes(Integer.parseInt(shape[0]), Integer.parseInt(shape[1]), Integer.parseInt(shape[2]));
        Trail trail = new Trail();
        int at = firstRun;
        for (; at < lines.length && lines[at].startsWith("run "); at++) {
            for (String token : lines[at].substring(4).split(" ")) {
                addRun(trail, lanes, token, lines, at);
            }
        }
        if (at >= lines.length || !lines[at].equals(END)) {
            throw bad(lines, at, "expected \"run ...\" or \"" + END + "\"");
        }
        if (trail.steps() != Integer.parseInt(values[8])) {
            throw new Malformed("schedule is damaged: " + values[8] + " steps announced, " + trail.steps() + " found");
        }
        return new Schedule(
                values[0],
                values[1],
                values[2],
                Long.parseLong(values[3]),
                values[4].equals("steps"),
                lanes.cpus(),
                lanes.drains(),
                lanes.delivers(),
                Long.parseUnsignedLong(values[6], 16),
                Outcome.valueOf(values[7]),
                trail,
                Long.parseUnsignedLong(values[9], 16));
    }

    private static void addRun(Trail trail, Lanes lanes, String token, String[] lines, int at) throws Malformed {
        int star = token.indexOf('*');
        int lane = star < 0 ? -1 : lanes.byName(token.substring(0, star));
        if (lane < 0) {
            throw bad(lines, at, "no such lane: " + token);
        }
        int count = Integer.parseInt(token.substring(star + 1));
        if (count < 1) {
            throw bad(lines, at, "count of " + token);
        }
        trail.add(lane, count);
    }

    private static Malformed bad(String[] lines, int at, String what) {
        boolean over = at >= lines.length || at == lines.length - 1 && lines[at].isEmpty();
        return new Malformed(
                over ? "schedule is truncated after line " + at : "schedule line " + (at + 1) + ": " + what);
    }
}
