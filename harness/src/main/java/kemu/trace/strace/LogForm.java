package kemu.trace.strace;

import java.util.ArrayList;
import java.util.List;
import kemu.trace.model.TraceForm;
import kemu.trace.model.TraceNotes;

/** What form strace wrote a log in, as far as its lines tell: found out while reading, for {@code trace stat}. */
public final class LogForm {
    private static final long BITS_32 = 1L << 32;
    private static final long BITS_47 = 1L << 47;
    private static final long BITS_39 = 1L << 39;

    boolean pidColumn;
    boolean brackets;
    boolean folder;
    int clock = LinePrefix.NONE;
    int digits;
    boolean relative;
    boolean alsoRelative;
    boolean durations;
    boolean callNumbers;
    boolean instructionPointers;
    boolean commands;
    boolean stacks;
    boolean paths;
    boolean hexadecimal;
    boolean summary;

    long creations;
    long execs;
    long waits;
    long memory;
    long lines;
    int ownPid;
    private boolean calls32;
    private long highest;
    private boolean arm;
    private boolean x86;
    private List<String> lacks = List.of();

    LogForm() {}

    /** A call that only 32-bit machines have. */
    void saw32() {
        calls32 = true;
    }

    /** A memory call with that result. */
    void memory(long result) {
        memory++;
        highest = Math.max(highest, result);
    }

    /** Some calls betray the machine. */
    void hint(String name) {
        switch (name) {
            case "set_tls", "ARM_set_tls", "cacheflush" -> arm = true;
            case "arch_prctl", "set_thread_area", "access" -> x86 = true;
            default -> {}
        }
    }

    void line(LinePrefix p) {
        callNumbers |= p.callNumber;
        instructionPointers |= p.instructionPointer;
        commands |= p.command;
        alsoRelative |= p.alsoRelative;
        brackets |= p.bracket;
    }

    /** Whether the lines carry times. */
    boolean timed() {
        return clock != LinePrefix.NONE;
    }

    /** Options, where the pids are, and the machine: {@code -f -tt, pids in column 1, 64-bit x86}. */
    private String describe() {
        StringBuilder s = new StringBuilder();
        option(s, folder ? "-ff" : pidColumn || brackets ? "-f" : "no -f");
        option(s, times());
        option(s, alsoRelative ? "-r" : "");
        option(s, durations ? "-T" : "");
        option(s, paths ? "-y" : "");
        option(s, hexadecimal ? "-x" : "");
        option(s, callNumbers ? "-n" : "");
        option(s, instructionPointers ? "-i" : "");
        option(s, commands ? "-Y" : "");
        option(s, stacks ? "-k" : "");
        s.append(
                folder
                        ? ", a file for every task"
                        : pidColumn ? ", pids in column 1" : brackets ? ", pids in brackets" : ", no pids");
        if (highest != 0) {
            s.append(", ").append(machine());
        }
        return s.toString();
    }

    private static void option(StringBuilder s, String option) {
        if (!option.isEmpty()) {
            s.append(s.length() == 0 ? "" : " ").append(option);
        }
    }

    private String times() {
        return switch (clock) {
            case LinePrefix.NONE -> "no times";
            case LinePrefix.DAY -> digits == 0 ? "-t" : "-tt";
            default -> relative ? "-r" : "-ttt";
        };
    }

    private String machine() {
        if (calls32 || highest < BITS_32) {
            return arm ? "32-bit arm" : x86 ? "32-bit x86" : "32-bit";
        }
        if (highest >= BITS_47 || highest < BITS_39 && !x86) {
            return "64-bit arm";
        }
        return "64-bit x86";
    }

    /** The form for reports. */
    public TraceForm toForm() {
        String pids = folder ? "files" : pidColumn ? "column" : brackets ? "brackets" : "none";
        return new TraceForm(describe(), pids, times().replace("-", "").replace("no times", "none"), lacks);
    }

    private static void counted(List<String> missing, long n, String what, String how) {
        if (n != 0) {
            missing.add(n + " " + what + (n == 1 ? "" : what.endsWith("s") ? "es" : "s") + how);
        }
    }

    /** Called at the end: what a replay has to do without. */
    void conclude(List<RawTask> tasks, TraceNotes notes) {
        List<String> missing = new ArrayList<>();
        if (!timed()) {
            missing.add("times");
            notes.add(Remarks.NO_TIMES, 1);
        }
        if (memory == 0) {
            missing.add("memory calls");
            notes.add("log has no memory calls (mmap, brk, ...): made-up images only", 1);
        }
        if (execs == 0) {
            missing.add("execve");
        }
        boolean alone = tasks.size() == 1;
        if (creations == 0 && !alone) {
            missing.add("clone and fork");
        }
        if (waits == 0 && !alone) {
            missing.add("waits");
        }
        counted(missing, notes.count(Remarks.NO_LINES), "process", " without lines");
        counted(missing, notes.count(Remarks.NO_LINES_THREAD), "thread", " without lines");
        counted(missing, notes.count(Remarks.ATTACHED), "root", " that was attached");
        lacks = List.copyOf(missing);
    }
}
