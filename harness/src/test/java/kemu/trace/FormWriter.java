package kemu.trace;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Writes a log of {@code strace -f -ttt -o} as strace would have written it with other options, or another strace. */
final class FormWriter {
    private record Line(int pid, long micros, String body) {
        boolean ends() {
            return body.startsWith("+++ ");
        }
    }

    private final List<Line> lines = new ArrayList<>();

    FormWriter(String log) {
        for (String l : log.lines().toList()) {
            String[] parts = l.split(" +", 3);
            lines.add(new Line(Integer.parseInt(parts[0]), Long.parseLong(parts[1].replace(".", "")), parts[2]));
        }
    }

    /** A line with the pid in column 1 and a clock. */
    private static String column(Line l, String time) {
        return String.format(Locale.ROOT, "%-5d %s%s%n", l.pid, time.isEmpty() ? "" : time + " ", l.body);
    }

    /** In which second, minute and hour of the day. */
    private static String ofDay(long micros, boolean fraction) {
        long s = micros / 1_000_000 % 86_400;
        String t = String.format(Locale.ROOT, "%02d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
        return fraction ? t + String.format(Locale.ROOT, ".%06d", micros % 1_000_000) : t;
    }

    String noTimes() {
        return all(l -> column(l, ""));
    }

    /** {@code -t}; {@code shift} seconds later than recorded. */
    String t(long shift) {
        return all(l -> column(l, ofDay(l.micros + shift * 1_000_000, false)));
    }

    String tt(long shift) {
        return all(l -> column(l, ofDay(l.micros + shift * 1_000_000, true)));
    }

    /** {@code -r}, {@code precision} digits. */
    String r(int precision) {
        StringBuilder s = new StringBuilder();
        long before = lines.get(0).micros;
        for (Line l : lines) {
            long d = l.micros - before;
            before = l.micros;
            String fraction =
                    String.format(Locale.ROOT, "%06d000", d % 1_000_000).substring(0, precision);
            s.append(column(l, String.format(Locale.ROOT, "%6d.%s", d / 1_000_000, fraction)));
        }
        return s.toString();
    }

    /** {@code -tt -r}: both clocks. */
    String ttr() {
        return all(l -> column(l, ofDay(l.micros, true) + " (+     0.000001)"));
    }

    /** {@code --timestamps=unix,ns}. */
    String nanoseconds() {
        return all(
                l -> column(l, String.format(Locale.ROOT, "%d.%06d123", l.micros / 1_000_000, l.micros % 1_000_000)));
    }

    /** {@code --timestamps=unix,s}. */
    String wholeSeconds() {
        return all(l -> column(l, String.valueOf(l.micros / 1_000_000)));
    }

    /** {@code -Y -tt -n -i -T}: everything that can stand before and behind a call. */
    String decorated() {
        return all(l -> {
            boolean whole = l.body.contains(" = ") && !l.body.startsWith("---") && !l.body.endsWith("?");
            String pids = l.body.replaceAll("= (50\\d)$", "= $1<make>");
            return String.format(
                    Locale.ROOT,
                    "%d<Web Co> %s [%4d] [%s] %s%s%n",
                    l.pid,
                    ofDay(l.micros, true),
                    l.pid % 400,
                    l.body.startsWith("+") ? "????????????????" : "00007f8ef77e7c47",
                    pids,
                    whole ? " <0.000000>" : "");
        });
    }

    /** {@code -k}: the stack below each call. */
    String stacks() {
        return all(l -> column(l, "")
                + (l.body.contains(" = ")
                        ? " > /usr/lib/libc.so.6(vfork+0x18) [0xd53b8]\n > /usr/bin/make() [0x1]\n\n"
                        : ""));
    }

    /** Ends of line of another system. */
    String crlf() {
        return all(l -> column(l, "")).replace("\n", "\r\n");
    }

    /** Strings in hexadecimal, descriptors with paths. */
    String hexadecimal() {
        return all(l -> column(l, ofDay(l.micros, true)))
                .lines()
                .map(FormWriter::hexadecimal)
                .map(l -> l.replaceAll(", 3, (0x\\w+|0)\\)", ", 3<\\\\x2f\\\\x3e\\\\x2c>, $1)"))
                .reduce("", (a, b) -> a + b + "\n");
    }

    private static String hexadecimal(String line) {
        StringBuilder s = new StringBuilder();
        boolean inside = false;
        for (char c : line.toCharArray()) {
            inside ^= c == '"';
            s.append(inside && c != '"' ? String.format("\\x%02x", (int) c) : String.valueOf(c));
        }
        return s.toString();
    }

    /**
     * As an strace of ten years ago writes it: blanks after resumed, flags of clone at its end, environment shown so.
     */
    String old() {
        return noTimes()
                .replace(" resumed>", " resumed> ")
                .replaceAll("0x[0-9a-f]+ /\\* (\\d+) vars \\*/", "[/* $1 vars */]")
                .replaceAll("\\{(si_signo=SIG\\w+)[^}]*\\}", "(Child exited) @ 0 (0)")
                .replace("child_stack=NULL", "child_stack=0")
                .replaceAll("clone\\((.*SIGCHLD) <unfinished ...>", "clone( <unfinished ...>")
                .replace("<... clone resumed> , ", "<... clone resumed> child_stack=0, flags=SIGCHLD, ")
                .replaceAll("brk\\(NULL\\)", "brk(0)")
                .replaceAll("\\[\\{(WIF[^}]*)\\}\\]", "[$1]");
    }

    /** As an strace that does not say when a process has ended: only its exit call is left. */
    String withoutEnds() {
        StringBuilder s = new StringBuilder();
        for (Line l : lines) {
            s.append(l.ends() && !l.body.contains("killed") ? "" : column(l, ""));
        }
        return s.toString();
    }

    /** {@code -X raw}: constants as numbers. */
    String raw() {
        return noTimes()
                .replace("PROT_READ|PROT_WRITE", "0x3")
                .replace("PROT_READ|PROT_EXEC", "0x5")
                .replace("PROT_READ", "0x1")
                .replace("PROT_NONE", "0")
                .replace("MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE", "0x812 /* MAP_PRIVATE|... */")
                .replace("MAP_PRIVATE|MAP_DENYWRITE", "0x802")
                .replace("MAP_PRIVATE|MAP_ANONYMOUS|MAP_STACK", "0x20022")
                .replace("MAP_PRIVATE|MAP_ANONYMOUS", "0x22")
                .replace("flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD", "flags=0x1200011");
    }

    /**
     * As it stands on a terminal: no pid while there is one task, messages of strace ({@code style} 0: none, as with
     * -q; 1: as now; 2: as in old versions) and {@code noise} of the program between the halves of calls.
     */
    String terminal(int style, boolean noise) {
        StringBuilder s = new StringBuilder();
        Set<Integer> alive = new HashSet<>(Set.of(lines.get(0).pid));
        for (int i = 0; i < lines.size(); i++) {
            Line l = lines.get(i);
            String prefix = alive.size() > 1 ? String.format(Locale.ROOT, "[pid %5d] ", l.pid) : "";
            int child = creates(i);
            String message = "";
            if (child != 0) {
                alive.add(child);
                message = style == 0
                        ? ""
                        : style == 1
                                ? "strace: Process " + child + " attached\n"
                                : "Process " + child + " attached (waiting for parent)\nProcess " + child
                                        + " resumed (parent 7 ready)\n";
            }
            int cut = tear(l.body);
            s.append(prefix);
            if (!message.isEmpty() && cut > 0) {
                s.append(l.body, 0, cut).append(message).append(l.body.substring(cut));
            } else if (noise && cut > 0 && i % 2 == 0 && !l.body.startsWith("exec")) {
                s.append(l.body, 0, cut)
                        .append("cc -c a.c\nwarning: x = y (z)\n")
                        .append(l.body.substring(cut));
            } else {
                s.append(l.body);
            }
            s.append('\n').append(noise && i % 5 == 0 ? "make: *** nothing = done\n\n" : "");
            if (l.ends()) {
                alive.remove(l.pid);
                s.append(style == 2 ? "Process " + l.pid + " detached\n" : "");
            }
        }
        return s.toString();
    }

    /** Where strace stops writing until the call returns, or -1. */
    private static int tear(String body) {
        int unfinished = body.indexOf(" <unfinished ...>");
        if (unfinished > 0) {
            return unfinished;
        }
        boolean call = Character.isLetter(body.charAt(0)) && !body.startsWith("clone") && !body.startsWith("wait");
        int close = body.lastIndexOf(") ");
        return body.startsWith("clone(")
                ? body.indexOf(", child_tid")
                : call && body.contains(") ") && !body.contains("ENOENT") && !body.contains("ENOMEM")
                        ? body.contains(" = -1") ? -1 : close
                        : body.startsWith("clone3") ? body.indexOf(" => ") : -1;
    }

    /** The child whose creation the line enters, 0 if it enters none. */
    private int creates(int i) {
        String body = lines.get(i).body;
        if (!body.startsWith("clone") && !body.startsWith("vfork")) {
            return 0;
        }
        for (int k = i; k < lines.size(); k++) {
            Line l = lines.get(k);
            boolean returns = k == i || l.body.startsWith("<... clone") || l.body.startsWith("<... vfork");
            if (l.pid == lines.get(i).pid && returns && l.body.matches(".* = \\d+")) {
                return Integer.parseInt(l.body.substring(l.body.lastIndexOf(' ') + 1));
            }
        }
        return 0;
    }

    /** {@code -ff}: a log for every pid, calls in one piece. */
    Map<Integer, String> files(boolean times) {
        Map<Integer, StringBuilder> files = new LinkedHashMap<>();
        Map<Integer, String> open = new LinkedHashMap<>();
        for (Line l : lines) {
            StringBuilder s = files.computeIfAbsent(l.pid, pid -> new StringBuilder());
            String time =
                    times ? String.format(Locale.ROOT, "%d.%06d ", l.micros / 1_000_000, l.micros % 1_000_000) : "";
            if (l.body.endsWith(" <unfinished ...>")) {
                open.put(l.pid, time + l.body.substring(0, l.body.indexOf(" <unfinished")));
            } else if (l.body.startsWith("<... ")) {
                s.append(open.get(l.pid))
                        .append(l.body.substring(l.body.indexOf('>') + 1))
                        .append('\n');
            } else {
                s.append(time).append(l.body).append('\n');
            }
        }
        Map<Integer, String> out = new LinkedHashMap<>();
        files.forEach((pid, s) -> out.put(pid, s.toString()));
        return out;
    }

    /** What strace-log-merge makes of {@link #files}: calls in one piece, sorted by time of entry. */
    String merged() {
        List<String> all = new ArrayList<>();
        files(true).forEach((pid, text) -> text.lines().forEach(l -> all.add(String.format("%-5d %s", pid, l))));
        all.sort((a, b) -> a.substring(6, 23).compareTo(b.substring(6, 23)));
        return String.join("\n", all) + "\n";
    }

    private String all(java.util.function.Function<Line, String> form) {
        StringBuilder s = new StringBuilder();
        lines.forEach(l -> s.append(form.apply(l)));
        return s.toString();
    }
}
