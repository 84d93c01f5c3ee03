package kemu.trace.strace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.trace.model.Op;
import kemu.trace.model.TraceNotes;

/** The calls that create, replace, await and end tasks. */
final class ProcessCalls {
    /** PATH_MAX, each byte printed as an escape of four. */
    private static final int LONGEST_PATH = 4 * 4096;

    private static final long CLONE_VM = 0x100;
    private static final long CLONE_VFORK = 0x4000;
    private static final long CLONE_THREAD = 0x10000;

    private final Call c;
    private final Scan s;
    private final Incarnations tasks;
    private final TraceNotes notes;
    private final LogForm form;
    private final List<String> paths = new ArrayList<>();
    private final Map<String, Integer> pathIds = new HashMap<>();
    /** Pid that the last call created, 0 if it created none. */
    private int created;
    /** Pid in the result of the call, which stands behind the arguments. */
    private int pid;

    ProcessCalls(Call call, Incarnations tasks, TraceNotes notes, LogForm form) {
        this.c = call;
        this.s = call.s;
        this.tasks = tasks;
        this.notes = notes;
        this.form = form;
    }

    List<String> paths() {
        return paths;
    }

    /** Pid created since the last question, or 0. */
    int takeCreated() {
        int pid = created;
        created = 0;
        return pid;
    }

    void execve() throws Scan.Malformed {
        String given = s.quoted("execve without a quoted path");
        if (given.length() > LONGEST_PATH) {
            throw new Scan.Malformed("path of more than " + LONGEST_PATH + " characters");
        }
        run(path(given));
    }

    /** {@code execveat(DIR, "path", ...)}. */
    void execveat() throws Scan.Malformed {
        int comma = s.find(", ");
        s.pos = comma < 0 ? s.end : comma + 2;
        execve();
    }

    /** The second half of an execve whose first half the log does not hold. */
    void execOfUnknown() {
        run(path("?"));
    }

    private void run(int path) {
        if (c.unknown) {
            c.fail(Op.EXEC, 0);
        } else if (c.errno != 0) {
            c.task.ops().add(Op.EXEC_FAIL, c.gap(), c.errno, path);
            c.task.stamp(c.entry);
        } else {
            c.task.joinThreads();
            c.task.ops().add(Op.EXEC, c.gap(), path);
            c.task.stamp(c.entry);
            c.task.lastPath = path;
        }
    }

    /** {@code wait4} and {@code waitpid}: the result is the pid. */
    void wait4(int args) {
        s.pos = args;
        boolean stopped = s.find("WIFSTOPPED(") >= 0 || s.find("WIFCONTINUED(") >= 0;
        waited(c.unknown || c.errno != 0 || stopped ? 0 : pid, status());
    }

    /** {@code waitid}: the pid is in the siginfo, or in the arguments if that is not shown. */
    void waitid(int args) throws Scan.Malformed {
        s.pos = args;
        int child = 0;
        int at = s.find("si_pid=");
        boolean gone = s.find("CLD_STOPPED") < 0 && s.find("CLD_CONTINUED") < 0 && s.find("CLD_TRAPPED") < 0;
        boolean reaps = s.find("WNOWAIT") < 0 && gone;
        if (at >= 0) {
            s.pos = at + 7;
            child = (int) Math.min(s.decimal("bad si_pid in waitid"), Integer.MAX_VALUE);
        } else if (s.skip("P_PID, ") && s.find("WNOHANG") < 0) {
            child = (int) Math.min(s.decimal("bad pid in waitid"), Integer.MAX_VALUE);
        }
        waited(c.unknown || c.errno != 0 || !reaps ? 0 : child, 0);
    }

    private void waited(int pid, int status) {
        if (pid == 0) {
            c.task.ops().add(Op.WAIT_NONE, c.gap(), c.errno);
        } else {
            RawTask child = tasks.reap(c.task, pid, status);
            if (child == null) {
                notes.add("waited for a child that is not in the log", 1);
                c.task.ops().add(Op.WAIT_NONE, c.gap(), 0);
            } else {
                c.task.ops().add(Op.WAIT, c.gap(), child.id);
            }
        }
        c.task.stamp(c.entry);
    }

    /** Exit status that a wait shows, 128 for a death by signal, 0 if it shows none. */
    private int status() {
        if (s.find("WIFSIGNALED(") >= 0) {
            return 128;
        }
        int at = s.find("WEXITSTATUS(s) == ");
        int n = 0;
        for (int i = at + 18; at >= 0 && i < s.end && s.b[i] >= '0' && s.b[i] <= '9' && n < 256; i++) {
            n = n * 10 + (s.b[i] - '0');
        }
        return n;
    }

    /** Takes the pid out of the result, which is behind the arguments. */
    void readPid() {
        pid = c.resultPid();
    }

    /** {@code fork} and its kin. */
    void create(byte kind) throws Scan.Malformed {
        if (!c.failed(kind)) {
            if (pid < 1) {
                throw new Scan.Malformed("no pid in the result of a call that creates a task");
            }
            c.task.ops().add(kind, c.gap(), -1);
            c.task.stamp(c.entry);
            created = pid;
            tasks.created(c.task, c.task.ops().size() - 1, kind, pid, c.entry);
        }
    }

    void clone(int args) throws Scan.Malformed {
        s.pos = args;
        create(c.unknown || c.errno != 0 ? Op.FORK : cloneKind());
    }

    private byte cloneKind() throws Scan.Malformed {
        int flags = s.find("flags=");
        if (flags < 0 && !(s.pos < s.end && s.b[s.pos] >= '0' && s.b[s.pos] <= '9')) {
            throw new Scan.Malformed("clone without flags");
        }
        s.pos = flags < 0 ? s.pos : flags + 6;
        long bits = s.at('0') ? s.number("bad flags in clone") : 0;
        boolean vm = (bits & CLONE_VM) != 0;
        boolean vfork = (bits & CLONE_VFORK) != 0;
        boolean thread = (bits & CLONE_THREAD) != 0;
        while (bits == 0) {
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
            notes.add("clone with CLONE_VM only: the creator waits as after vfork", 1);
        }
        return vm ? Op.SPAWN : Op.FORK;
    }

    /** {@code exit_group} and {@code exit}: there may be no other line of the end. */
    static void exit(RawTask task, Scan s, int args, boolean group) {
        s.pos = args;
        int status = 0;
        for (; s.pos < s.end && s.b[s.pos] >= '0' && s.b[s.pos] <= '9' && status < 1 << 20; s.pos++) {
            status = status * 10 + (s.b[s.pos] - '0');
        }
        exiting(task, status & 0xff);
        if (group && !task.leader().ended) {
            exiting(task.leader(), status & 0xff);
        }
    }

    private static void exiting(RawTask task, int status) {
        task.exiting = true;
        task.exitStatus = status;
    }

    int path(String quoted) {
        form.hexadecimal |= quoted.contains("\\x");
        String path = quoted.isEmpty() ? "?" : Escapes.plain(quoted);
        Integer id = pathIds.get(path);
        if (id == null) {
            id = paths.size();
            pathIds.put(path, id);
            paths.add(path);
        }
        return id;
    }
}
