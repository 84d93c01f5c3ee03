package kemu.trace.strace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.trace.Op;
import kemu.trace.TraceNotes;

/** Turns the text of one whole call, {@code NAME(ARGS) = RESULT}, into ops of its task. */
final class CallParser {
    private static final long PAGE = 4096;
    private static final long USER_END = 1L << 47;
    private static final long LARGEST_OFFSET = 1L << 60;
    /** PATH_MAX, each byte printed as an escape of four. */
    private static final int LONGEST_PATH = 4 * 4096;

    private final TaskTable tasks;
    private final TraceNotes notes;
    private final List<String> paths = new ArrayList<>();
    private final Map<String, Integer> pathIds = new HashMap<>();
    private final Scan s = new Scan();

    private RawTask task;
    private long entry;
    private long now;
    private long result;
    private int errno;
    private boolean unknown;

    CallParser(TaskTable tasks, TraceNotes notes) {
        this.tasks = tasks;
        this.notes = notes;
    }

    List<String> paths() {
        return paths;
    }

    /** The call in {@code b[from, to)} was entered at {@code entry} and is over at {@code now}. */
    void parse(RawTask t, byte[] b, int from, int to, long entry, long now) throws Scan.Malformed {
        this.task = t;
        this.entry = entry;
        this.now = now;
        s.set(b, from, to);
        int name = s.wordEnd();
        if (name == from || name >= to || b[name] != '(') {
            throw new Scan.Malformed("neither a call, a signal nor an exit");
        }
        int eq = s.lastEquals();
        if (eq < 0) {
            throw new Scan.Malformed("call without a result");
        }
        readResult(eq + 3);
        s.set(b, from, eq);
        dispatch(name);
    }

    private void readResult(int from) throws Scan.Malformed {
        s.pos = from;
        errno = 0;
        result = 0;
        unknown = s.at('?');
        if (unknown) {
            return;
        }
        boolean negative = s.skip("-");
        result = s.number("bad result");
        if (negative) {
            s.blanks();
            int to = s.wordEnd();
            if (to == s.pos) {
                throw new Scan.Malformed("failure without an errno name");
            }
            errno = Flags.errno(s.text(s.pos, to));
        } else if (s.pos < s.end && !s.at(' ')) {
            throw new Scan.Malformed("bad result");
        }
    }

    private void dispatch(int nameEnd) throws Scan.Malformed {
        int args = nameEnd + 1;
        if (s.wordIs(nameEnd, "mmap")) {
            s.pos = args;
            mmap();
        } else if (s.wordIs(nameEnd, "brk")) {
            s.pos = args;
            brk();
        } else if (s.wordIs(nameEnd, "mprotect")) {
            s.pos = args;
            mprotect();
        } else if (s.wordIs(nameEnd, "munmap")) {
            s.pos = args;
            munmap();
        } else if (s.wordIs(nameEnd, "wait4")) {
            wait4();
        } else if (s.wordIs(nameEnd, "execve")) {
            s.pos = args;
            execve();
        } else if (s.wordIs(nameEnd, "vfork")) {
            create(Op.VFORK);
        } else if (s.wordIs(nameEnd, "fork")) {
            create(Op.FORK);
        } else if (s.wordIs(nameEnd, "clone") || s.wordIs(nameEnd, "clone3")) {
            s.pos = args;
            create(cloneKind());
        } else if (s.wordIs(nameEnd, "madvise")) {
            s.pos = args;
            madvise();
        } else if (s.wordIs(nameEnd, "mremap")) {
            s.pos = args;
            mremap();
        } else if (!s.wordIs(nameEnd, "exit_group") && !s.wordIs(nameEnd, "exit")) {
            notes.add("call not replayed: " + s.text(s.pos, nameEnd), 1);
        }
    }

    private void mmap() throws Scan.Malformed {
        s.number("bad address in mmap");
        comma();
        long length = length("bad length in mmap");
        comma();
        int prot = Flags.prot(s);
        comma();
        int flags = Flags.map(s);
        comma();
        boolean file = !s.skip("-1");
        if (file) {
            s.decimal("bad descriptor in mmap");
        }
        comma();
        long offset = s.number("bad offset in mmap");
        close();
        if (!failed(Op.MMAP)) {
            checkPage(result, length, "mmap result is not page aligned");
            if (length == 0) {
                throw new Scan.Malformed("mmap of no bytes cannot have succeeded");
            }
            if (offset < 0 || offset > LARGEST_OFFSET || (offset & (PAGE - 1)) != 0) {
                throw new Scan.Malformed("bad offset in mmap");
            }
            long kind = file && (flags & Op.MAP_ANONYMOUS) == 0 ? RawTask.SOME_FILE : RawTask.NO_FILE;
            task.ops().add(Op.MMAP, task.gap(entry, now), result, length, prot, flags, kind, offset);
            task.stamp(entry);
        }
    }

    private void brk() throws Scan.Malformed {
        long want = s.number("bad address in brk");
        close();
        if (want < 0 || want >= USER_END || result < 0 || result >= USER_END) {
            throw new Scan.Malformed("address beyond user space");
        }
        if (unknown || errno != 0 || want != 0 && result != want) {
            fail(Op.BRK, errno != 0 ? errno : unknown ? 0 : 12);
        } else {
            task.ops().add(Op.BRK, task.gap(entry, now), want, result);
            task.stamp(entry);
        }
    }

    private void munmap() throws Scan.Malformed {
        long address = s.number("bad address in munmap");
        comma();
        long length = length("bad length in munmap");
        close();
        if (!failed(Op.MUNMAP)) {
            checkPage(address, length, "munmap address is not page aligned");
            task.ops().add(Op.MUNMAP, task.gap(entry, now), address, length);
            task.stamp(entry);
        }
    }

    private void mprotect() throws Scan.Malformed {
        long address = s.number("bad address in mprotect");
        comma();
        long length = length("bad length in mprotect");
        comma();
        int prot = Flags.prot(s);
        close();
        if (!failed(Op.MPROTECT)) {
            checkPage(address, length, "mprotect address is not page aligned");
            task.ops().add(Op.MPROTECT, task.gap(entry, now), address, length, prot);
            task.stamp(entry);
        }
    }

    private void mremap() throws Scan.Malformed {
        long address = s.number("bad address in mremap");
        comma();
        long length = length("bad length in mremap");
        comma();
        long newLength = length("bad new length in mremap");
        if (!failed(Op.MREMAP)) {
            checkPage(address, length, "mremap address is not page aligned");
            checkPage(result, newLength, "mremap result is not page aligned");
            if (newLength == 0) {
                throw new Scan.Malformed("mremap to no bytes cannot have succeeded");
            }
            task.ops().add(Op.MREMAP, task.gap(entry, now), address, length, newLength, result);
            task.stamp(entry);
        }
    }

    private void madvise() throws Scan.Malformed {
        long address = s.number("bad address in madvise");
        comma();
        long length = length("bad length in madvise");
        comma();
        int advice = Flags.advice(s);
        if (advice < 0) {
            notes.add("call not replayed: madvise with other advice", 1);
        } else if (!failed(Op.MADVISE)) {
            checkPage(address, length, "madvise address is not page aligned");
            task.ops().add(Op.MADVISE, task.gap(entry, now), address, length, advice);
            task.stamp(entry);
        }
    }

    private void execve() throws Scan.Malformed {
        String given = s.quoted("execve without a quoted path");
        if (given.length() > LONGEST_PATH) {
            throw new Scan.Malformed("path of more than " + LONGEST_PATH + " characters");
        }
        int path = path(given);
        if (unknown) {
            fail(Op.EXEC, 0);
        } else if (errno != 0) {
            task.ops().add(Op.EXEC_FAIL, task.gap(entry, now), errno, path);
            task.stamp(entry);
        } else {
            joinThreads();
            task.ops().add(Op.EXEC, task.gap(entry, now), path);
            task.stamp(entry);
            task.lastPath = path;
        }
    }

    private void wait4() {
        if (unknown || errno != 0 || result == 0) {
            task.ops().add(Op.WAIT_NONE, task.gap(entry, now), errno);
        } else {
            RawTask child = tasks.reap(task, (int) result);
            if (child == null) {
                notes.add("waited for a child that is not in the log", 1);
                task.ops().add(Op.WAIT_NONE, task.gap(entry, now), 0);
            } else {
                task.ops().add(Op.WAIT, task.gap(entry, now), child.id);
            }
        }
        task.stamp(entry);
    }

    private void create(byte kind) {
        if (!failed(kind)) {
            task.ops().add(kind, task.gap(entry, now), -1);
            task.stamp(entry);
            tasks.created(task, task.ops().size() - 1, kind, (int) result, entry);
        }
    }

    private byte cloneKind() throws Scan.Malformed {
        int flags = s.find("flags=");
        if (flags < 0) {
            throw new Scan.Malformed("clone without flags");
        }
        s.pos = flags + 6;
        boolean vm = false;
        boolean vfork = false;
        boolean thread = false;
        while (true) {
            int to = s.wordEnd();
            vm |= s.wordIs(to, "CLONE_VM");
            vfork |= s.wordIs(to, "CLONE_VFORK");
            thread |= s.wordIs(to, "CLONE_THREAD");
            s.pos = to;
            if (!s.at('|')) {
                break;
            }
            s.pos++;
        }
        if (thread) {
            return Op.THREAD;
        }
        if (vm && !vfork) {
            throw new Scan.Malformed("clone with CLONE_VM but neither CLONE_VFORK nor CLONE_THREAD is not supported");
        }
        return vm ? Op.SPAWN : Op.FORK;
    }

    /** Exec and exit end the other threads: the process goes on when they are gone. */
    void joinThreads() {
        joinThreads(task);
    }

    static void joinThreads(RawTask t) {
        if (!t.isThread()) {
            for (RawTask thread : t.threads) {
                t.ops().add(Op.JOIN, 0, thread.id);
                t.stamp(t.idleSince);
            }
            t.threads.clear();
        }
    }

    private int path(String path) {
        Integer id = pathIds.get(path);
        if (id == null) {
            id = paths.size();
            pathIds.put(path, id);
            paths.add(path);
        }
        return id;
    }

    private boolean failed(byte op) {
        if (unknown || errno != 0) {
            fail(op, errno);
            return true;
        }
        return false;
    }

    private void fail(byte op, int error) {
        task.ops().add(Op.FAILED, task.gap(entry, now), op, error);
        task.stamp(entry);
    }

    private long length(String what) throws Scan.Malformed {
        long n = s.number(what);
        if (n < 0 || n > USER_END) {
            throw new Scan.Malformed(what);
        }
        return (n + PAGE - 1) & -PAGE;
    }

    private static void checkPage(long address, long length, String what) throws Scan.Malformed {
        if ((address & (PAGE - 1)) != 0) {
            throw new Scan.Malformed(what);
        }
        if (address < 0 || address >= USER_END || length > USER_END - address) {
            throw new Scan.Malformed("address beyond user space");
        }
    }

    private void comma() throws Scan.Malformed {
        s.expect(", ", "argument missing");
    }

    private void close() throws Scan.Malformed {
        s.blanks();
        if (!s.at(')')) {
            throw new Scan.Malformed("closing parenthesis missing");
        }
    }
}
