package kemu.hw.explore;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Schedules as text: a version, one {@code key value} per line, the steps run-length encoded, a checksum of all lines
 * before it, and an end mark. Version 1, without the checksum, is read as well.
 */
public final class ScheduleText {
    /** A text that is no schedule that can be read here; the message is one line. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;
        private final int line;

        Malformed(int line, String reason) {
            super(reason);
            this.line = line;
        }

        /** Which line it is about, from 1. */
        public int line() {
            return line;
        }
    }

    private static final String MAGIC = "kemu-schedule";
    private static final String VERSION = "2";
    private static final String WITHOUT_SUM = "1";
    /** The lot, if there is one: a line after the others. */
    private static final String LOT = "lot ";

    private static final String SUM = "sum ";
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
        if (trail.lot() != 0) {
            out.append(LOT).append(Long.toHexString(trail.lot())).append('\n');
        }
        for (int run = 0; run < trail.runs(); run++) {
            out.append(run % RUNS_PER_LINE == 0 ? "run" : "");
            out.append(' ').append(lanes.name(trail.lane(run))).append('*').append(trail.count(run));
            boolean last = run % RUNS_PER_LINE == RUNS_PER_LINE - 1 || run == trail.runs() - 1;
            out.append(last ? "\n" : "");
        }
        String sum = sum(out);
        return out.append(SUM).append(sum).append('\n').append(END).append('\n').toString();
    }

    private static void line(StringBuilder out, String key, String value) {
        out.append(key)
                .append(' ')
                .append(value.replace('\n', ' ').replace('\r', ' '))
                .append('\n');
    }

    private static String sum(CharSequence text) {
        CRC32C crc = new CRC32C();
        crc.update(text.toString().getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }

    /**
     * Reads what {@link #write} wrote; lines may end as they do on Windows.
     *
     * @throws Malformed if it is something else, of another version, edited, damaged or truncated
     */
    public static Schedule read(String text) throws Malformed {
        String[] lines = text.replace("\r\n", "\n").split("\n", -1);
        String[] head = lines[0].strip().split(" ");
        if (!head[0].equals(MAGIC)) {
            throw new Malformed(1, "not a schedule: the first line is not \"" + MAGIC + " " + VERSION + "\"");
        }
        if (head.length != 2 || !head[1].equals(VERSION) && !head[1].equals(WITHOUT_SUM)) {
            throw new Malformed(
                    1,
                    "schedule of version " + (head.length < 2 ? "?" : head[1]) + " (this program reads versions "
                            + WITHOUT_SUM + " and " + VERSION + ")");
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
        return new ScheduleLines(lines, values, at, head[1].equals(VERSION)).read();
    }

    /** One text, after its keys were found. */
    private static final class ScheduleLines {
        private final String[] lines;
        private final String[] values;
        private final int firstRun;
        private final boolean summed;

        ScheduleLines(String[] lines, String[] values, int firstRun, boolean summed) {
            this.lines = lines;
            this.values = values;
            this.firstRun = firstRun;
            this.summed = summed;
        }

        Schedule read() throws Malformed {
            Lanes lanes = lanes();
            Trail trail = new Trail();
            int at = firstRun;
            if (at < lines.length && lines[at].startsWith(LOT)) {
                trail.lot(lot(lines[at].substring(LOT.length()), at));
                at++;
            }
            for (; at < lines.length && lines[at].startsWith("run "); at++) {
                for (String token : lines[at].substring(4).split(" ")) {
                    addRun(trail, lanes, token, at);
                }
            }
            if (summed) {
                checkSum(at++);
            }
            if (at >= lines.length || !lines[at].equals(END)) {
                throw bad(lines, at, "expected \"" + (summed ? "" : "run ...\" or \"") + END + "\"");
            }
            if (at + 1 < lines.length - 1 || at + 1 == lines.length - 1 && !lines[at + 1].isEmpty()) {
                throw bad(lines, at + 1, "text after \"" + END + "\"");
            }
            if (trail.steps() != number("steps")) {
                throw wrong("steps", trail.steps() + " of the announced are found");
            }
            return new Schedule(
                    value("scenario"),
                    value("options"),
                    value("strategy"),
                    number("seed"),
                    polls(),
                    lanes.cpus(),
                    lanes.drains(),
                    lanes.delivers(),
                    hash("scene"),
                    outcome(),
                    trail,
                    hash("state"));
        }

        private void checkSum(int at) throws Malformed {
            if (at >= lines.length || !lines[at].startsWith(SUM)) {
                throw bad(lines, at, "expected \"run ...\" or \"" + SUM + "...\"");
            }
            String before = String.join("\n", Arrays.copyOf(lines, at)) + "\n";
            if (!lines[at].substring(SUM.length()).equals(sum(before))) {
                throw bad(lines, at, "the schedule was edited or damaged: its checksum is " + sum(before));
            }
        }

        private Lanes lanes() throws Malformed {
            String[] shape = value("lanes").split(" ");
            try {
                if (shape.length == 3) {
                    return new Lanes(
                            Integer.parseInt(shape[0]), Integer.parseInt(shape[1]), Integer.parseInt(shape[2]));
                }
            } catch (IllegalArgumentException outOfRange) {
                // Told below.
            }
            throw wrong("lanes", "not the CPUs and buffers of a machine");
        }

        private boolean polls() throws Malformed {
            if (!value("polls").equals("steps") && !value("polls").equals("plain")) {
                throw wrong("polls", "neither steps nor plain");
            }
            return value("polls").equals("steps");
        }

        /** A schedule is kept of a failure; an execution that was given up is none. */
        private Outcome outcome() throws Malformed {
            for (Outcome outcome : Outcome.values()) {
                if (outcome.name().equals(value("outcome"))
                        && outcome != Outcome.PRUNED
                        && outcome != Outcome.REFUSED) {
                    return outcome;
                }
            }
            throw wrong("outcome", "no way in which an execution ends");
        }

        private long number(String key) throws Malformed {
            try {
                return Long.parseLong(value(key));
            } catch (NumberFormatException none) {
                throw wrong(key, "not a number");
            }
        }

        private long hash(String key) throws Malformed {
            try {
                return Long.parseUnsignedLong(value(key), 16);
            } catch (NumberFormatException none) {
                throw wrong(key, "not a hexadecimal number");
            }
        }

        private long lot(String text, int at) throws Malformed {
            try {
                return Long.parseUnsignedLong(text, 16);
            } catch (NumberFormatException none) {
                throw bad(lines, at, "lot: '" + shown(text) + "': not a hexadecimal number");
            }
        }

        private void addRun(Trail trail, Lanes lanes, String token, int at) throws Malformed {
            int star = token.indexOf('*');
            int lane = star < 0 ? -1 : lanes.byName(token.substring(0, star));
            if (lane < 0) {
                throw bad(lines, at, "no such lane: " + shown(token));
            }
            int count = 0;
            try {
                count = Integer.parseInt(token.substring(star + 1));
            } catch (NumberFormatException none) {
                // Told below.
            }
            if (count < 1 || count > Integer.MAX_VALUE - trail.steps()) {
                throw bad(lines, at, "count of " + shown(token));
            }
            trail.add(lane, count);
        }

        private String value(String key) {
            return values[KEYS.indexOf(key)];
        }

        private Malformed wrong(String key, String what) {
            return new Malformed(KEYS.indexOf(key) + 2, key + ": '" + shown(value(key)) + "': " + what);
        }
    }

    /** What a line can hold of a word that may be of any length. */
    private static String shown(String word) {
        return word.length() > 60 ? word.substring(0, 60) + "..." : word;
    }

    private static Malformed bad(String[] lines, int at, String what) {
        boolean over = at >= lines.length || at == lines.length - 1 && lines[at].isEmpty();
        return over
                ? new Malformed(Math.min(at, lines.length), "schedule is truncated after line " + at)
                : new Malformed(at + 1, what);
    }
}
