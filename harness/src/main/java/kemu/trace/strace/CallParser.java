package kemu.trace.strace;

import java.util.List;
import java.util.Set;
import kemu.trace.model.Op;
import kemu.trace.model.TraceNotes;

/** Turns the text of one whole call, {@code NAME(ARGS) = RESULT}, into ops of its task. */
final class CallParser {
    /** Calls that change memory in a way which is not replayed; of others only the number is told. */
    private static final Set<String> MEMORY = Set.of(
            "mlock",
            "mlock2",
            "mlockall",
            "munlock",
            "munlockall",
            "msync",
            "mincore",
            "shmat",
            "shmdt",
            "remap_file_pages",
            "mbind",
            "migrate_pages",
            "move_pages",
            "mseal",
            "process_madvise",
            "map_shadow_stack");

    private static final String OTHERS = "calls that change neither memory nor processes";

    private final Call c = new Call();
    private final MemoryCalls memory;
    private final ProcessCalls processes;
    private final TraceNotes notes;
    private final LogForm form;
    private long others;

    CallParser(Incarnations tasks, TraceNotes notes, LogForm form) {
        this.notes = notes;
        this.form = form;
        this.memory = new MemoryCalls(c, notes, form);
        this.processes = new ProcessCalls(c, tasks, notes, form);
    }

    List<String> paths() {
        return processes.paths();
    }

    /** Path index of a path that is not in the log. */
    int path(String path) {
        return processes.path(path);
    }

    /** Pid created since the last question, or 0. */
    int takeCreated() {
        return processes.takeCreated();
    }

    /** Puts the calls that were only counted into the notes. */
    void finish() {
        notes.add(OTHERS, others);
    }

    /**
     * The call in {@code b[from, to)} was entered at {@code entry} and is over at {@code now}; {@code splice} is where
     * it goes on after foreign text, or 0.
     */
    void parse(RawTask t, byte[] b, int from, int to, int splice, long entry, long now) throws Scan.Malformed {
        Scan s = begin(t, b, from, to, entry, now);
        int name = s.wordEnd();
        int eq = s.lastEquals();
        if (eq < 0) {
            throw new Scan.Malformed("call without a result");
        }
        c.readResult(eq + 3);
        processes.readPid();
        s.set(b, from, eq);
        s.splice = splice;
        if (!call(name) && !process(name)) {
            other(name);
        }
    }

    /**
     * The rest of a call whose beginning is not in the log ({@code <... NAME resumed>REST}, {@code name} being the
     * word's bounds). Who was created, awaited or executed is told by the result alone.
     */
    void parseRest(RawTask t, byte[] b, int name, int nameEnd, int to, long now) throws Scan.Malformed {
        Scan s = begin(t, b, name, to, now, now);
        int eq = s.lastEquals();
        if (eq < 0) {
            return;
        }
        c.readResult(eq + 3);
        processes.readPid();
        s.set(b, name, eq);
        if (s.wordIs(nameEnd, "execve")) {
            processes.execOfUnknown();
        } else if (s.startsWith("clone") && s.find("flags=") < 0) {
            // Only threads of glibc have their id written where the creator sees it.
            created(s.find("parent_tid") >= 0 ? Op.THREAD : Op.FORK);
        } else {
            process(nameEnd);
        }
    }

    private Scan begin(RawTask t, byte[] b, int from, int to, long entry, long now) {
        c.task = t;
        c.entry = entry;
        c.now = now;
        c.s.set(b, from, to);
        return c.s;
    }

    private boolean call(int nameEnd) throws Scan.Malformed {
        Scan s = c.s;
        byte first = s.b[s.pos];
        if (first != 'm' && first != 'b' && first != 'o' && first != 'p') {
            return false;
        }
        int name = s.pos;
        int args = nameEnd + 1;
        s.pos = args;
        if (is(name, nameEnd, "mmap")) {
            memory.mmap(false);
        } else if (is(name, nameEnd, "brk")) {
            memory.brk();
        } else if (is(name, nameEnd, "mprotect")) {
            memory.mprotect(false);
        } else if (is(name, nameEnd, "munmap")) {
            memory.munmap();
        } else if (is(name, nameEnd, "madvise")) {
            memory.madvise();
        } else if (is(name, nameEnd, "mremap")) {
            memory.mremap();
        } else if (is(name, nameEnd, "mmap2")) {
            form.saw32();
            memory.mmap(true);
        } else if (is(name, nameEnd, "old_mmap")) {
            form.saw32();
            memory.mmap(false);
        } else if (is(name, nameEnd, "pkey_mprotect")) {
            memory.mprotect(true);
        } else {
            s.pos = name;
            return false;
        }
        form.memory(c.result);
        return true;
    }

    private boolean process(int nameEnd) throws Scan.Malformed {
        Scan s = c.s;
        int args = nameEnd + 1;
        if (s.wordIs(nameEnd, "wait4")) {
            processes.wait4(args);
            form.waits++;
        } else if (s.wordIs(nameEnd, "execve")) {
            s.pos = args;
            processes.execve();
            form.execs++;
        } else if (s.wordIs(nameEnd, "vfork")) {
            created(Op.VFORK);
        } else if (s.wordIs(nameEnd, "fork")) {
            created(Op.FORK);
        } else if (s.wordIs(nameEnd, "clone") || s.wordIs(nameEnd, "clone3") || s.wordIs(nameEnd, "clone2")) {
            processes.clone(args);
            form.creations++;
        } else if (s.wordIs(nameEnd, "exit_group")) {
            ProcessCalls.exit(c.task, s, args, true);
        } else if (s.wordIs(nameEnd, "exit") || s.wordIs(nameEnd, "_exit")) {
            ProcessCalls.exit(c.task, s, args, false);
        } else if (s.wordIs(nameEnd, "waitpid")) {
            form.saw32();
            processes.wait4(args);
            form.waits++;
        } else if (s.wordIs(nameEnd, "waitid")) {
            processes.waitid(args);
            form.waits++;
        } else if (s.wordIs(nameEnd, "execveat")) {
            s.pos = args;
            processes.execveat();
            form.execs++;
        } else {
            return false;
        }
        return true;
    }

    private void created(byte kind) throws Scan.Malformed {
        processes.create(kind);
        form.creations++;
    }

    private void other(int nameEnd) {
        Scan s = c.s;
        if (c.task.pid <= 0 && (s.wordIs(nameEnd, "set_tid_address") || s.wordIs(nameEnd, "gettid"))) {
            form.ownPid = (int) Math.min(c.result, Integer.MAX_VALUE);
        }
        String name = s.text(s.pos, Math.min(nameEnd, s.pos + 32));
        if (MEMORY.contains(name)) {
            notes.add("call not replayed: " + name, 1);
        } else {
            others++;
            form.hint(name);
        }
    }

    private boolean is(int name, int nameEnd, String word) {
        return nameEnd - name == word.length() && c.s.startsWith(name, word);
    }
}
