package kemu.trace.strace;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kemu.trace.model.TraceException;

/**
 * The files that {@code strace -ff -o PREFIX} writes, one for every task. They are not merged by time (a wait would
 * come before the exit it waited for, and there may be no times) but by cause: the lines of a task follow the call that
 * created it.
 */
final class FolderLines implements LogLines {
    private static final Pattern NAME = Pattern.compile("(.*)\\.(\\d{1,9})(\\.gz|\\.xz)?");

    /** A file being read; {@code waiting} means that its next line was read already. */
    private static final class Open {
        final Path path;
        final int pid;
        final LineReader lines;
        final Clock clock;
        boolean waiting;

        Open(Path path, int pid, LineReader lines, Clock clock) {
            this.path = path;
            this.pid = pid;
            this.lines = lines;
            this.clock = clock;
        }
    }

    private final Map<Integer, Path> unread;
    private final Map<Integer, Open> paused = new HashMap<>();
    private final ArrayDeque<Open> stack = new ArrayDeque<>();
    private final Iterator<Integer> order;

    private FolderLines(Map<Integer, Path> files) throws TraceException, IOException {
        unread = files;
        order = rootsFirst(files).iterator();
    }

    /** Whether {@code path} is a folder, or a prefix of files {@code path.PID}. */
    static boolean isOne(Path path) {
        if (Files.isDirectory(path)) {
            return true;
        }
        if (Files.exists(path) || path.getFileName() == null) {
            return false;
        }
        try {
            return !files(path).isEmpty();
        } catch (IOException | TraceException e) {
            return false;
        }
    }

    /** Opens a folder or a prefix. */
    static FolderLines open(Path path) throws TraceException {
        try {
            Map<Integer, Path> files = files(path);
            if (files.isEmpty()) {
                throw new TraceException(
                        path.toString(), 0, "is a directory without files NAME.PID (strace -ff -o NAME writes them)");
            }
            return new FolderLines(files);
        } catch (IOException e) {
            throw new TraceException(path.toString(), 0, LogInput.reason(e));
        }
    }

    private static Map<Integer, Path> files(Path path) throws IOException, TraceException {
        boolean folder = Files.isDirectory(path);
        Path parent = folder ? path : path.toAbsolutePath().getParent();
        Map<Integer, Path> found = new TreeMap<>();
        Set<String> names = new TreeSet<>();
        if (parent == null || !Files.isDirectory(parent)) {
            return found;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(parent)) {
            for (Path p : all) {
                Matcher m = NAME.matcher(p.getFileName().toString());
                if (m.matches()
                        && (folder || m.group(1).equals(path.getFileName().toString()))
                        && Files.isRegularFile(p)) {
                    names.add(m.group(1));
                    found.put(Integer.parseInt(m.group(2)), p);
                }
            }
        }
        if (names.size() > 1) {
            throw new TraceException(
                    path.toString(),
                    0,
                    "holds " + names.size() + " recordings ("
                            + String.join(", ", List.copyOf(names).subList(0, 2)) + (names.size() > 2 ? ", ..." : "")
                            + "): name one, as FOLDER/NAME");
        }
        return found;
    }

    /** Files whose task no other file creates, the earliest first, then all the others in case they are never met. */
    private static List<Integer> rootsFirst(Map<Integer, Path> files) throws TraceException, IOException {
        Set<Integer> created = new HashSet<>();
        Map<Integer, Long> begin = new LinkedHashMap<>();
        LinePrefix prefix = new LinePrefix();
        for (Map.Entry<Integer, Path> e : files.entrySet()) {
            if (Files.size(e.getValue()) == 0) {
                continue;
            }
            try (LineReader lines = new LineReader(LogInput.open(e.getValue()))) {
                boolean first = true;
                while (lines.advance()) {
                    prefix.parse(lines.buffer(), lines.start(), lines.end());
                    if (first) {
                        begin.put(e.getKey(), prefix.micros);
                        first = false;
                    }
                    int child = Shape.createdPid(lines.buffer(), prefix.body, lines.end());
                    if (child > 0) {
                        created.add(child);
                    }
                }
            }
        }
        List<Integer> order = new ArrayList<>(begin.keySet());
        order.sort((x, y) -> {
            int byRole = Boolean.compare(created.contains(x), created.contains(y));
            int byTime = Long.compare(begin.get(x), begin.get(y));
            return byRole != 0 ? byRole : byTime != 0 ? byTime : Integer.compare(x, y);
        });
        return order;
    }

    @Override
    public boolean advance() throws IOException, TraceException {
        while (true) {
            while (!stack.isEmpty()) {
                Open top = stack.peek();
                if (top.waiting) {
                    top.waiting = false;
                    return true;
                }
                if (top.lines.advance()) {
                    return true;
                }
                stack.pop().lines.close();
            }
            if (order.hasNext()) {
                enter(order.next(), new Clock());
            } else if (!paused.isEmpty()) {
                enter(paused.keySet().iterator().next(), new Clock());
            } else {
                return false;
            }
        }
    }

    private void enter(int pid, Clock clock) throws IOException, TraceException {
        Open again = paused.remove(pid);
        if (again != null) {
            stack.push(again);
            return;
        }
        Path path = unread.remove(pid);
        if (path != null && Files.size(path) > 0) {
            stack.push(new Open(path, pid, new LineReader(LogInput.open(path)), clock));
        }
    }

    @Override
    public void created(int pid) throws IOException, TraceException {
        enter(pid, new Clock(clock()));
    }

    @Override
    public void ended() throws IOException {
        Open top = stack.pop();
        if (top.lines.advance()) {
            top.waiting = true;
            paused.put(top.pid, top);
        } else {
            top.lines.close();
        }
    }

    @Override
    public LineReader at() {
        return stack.element().lines;
    }

    @Override
    public String file() {
        return stack.isEmpty() ? "-ff" : stack.element().path.toString();
    }

    @Override
    public int pid() {
        return stack.element().pid;
    }

    @Override
    public Clock clock() {
        return stack.element().clock;
    }

    @Override
    public void close() throws IOException {
        for (Open o : stack) {
            o.lines.close();
        }
        for (Open o : paused.values()) {
            o.lines.close();
        }
    }
}
