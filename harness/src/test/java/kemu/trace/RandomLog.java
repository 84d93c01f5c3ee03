package kemu.trace;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Logs of processes that do everything to a few mappings: written one process after another, so a fork's child follows
 * its parent's fork.
 */
public final class RandomLog {
    private static final String[] PROTS = {"PROT_NONE", "PROT_READ", "PROT_READ|PROT_WRITE", "PROT_READ|PROT_WRITE"};

    private final SplittableRandom dice;
    private final List<String> lines = new ArrayList<>();
    private int pids = 100;

    private RandomLog(long seed) {
        dice = new SplittableRandom(seed);
    }

    /** A log. */
    public static String of(long seed) {
        RandomLog log = new RandomLog(seed);
        log.process(log.pids, 0, true, 0);
        return Logs.timed(String.join("\n", log.lines));
    }

    private void process(int pid, int depth, boolean execs, long heap) {
        long brk = heap;
        if (execs) {
            brk = 0x5555_6000_0000L + dice.nextInt(1000) * 4096L;
            call(pid, "execve(\"/bin/tool\", [\"tool\"], 0x7ffc /* 1 var */) = 0");
            call(pid, "brk(NULL) = 0x%x", brk);
            call(pid, "mprotect(0x5555%04x0000, 4096, PROT_READ) = 0", 0x1000 + dice.nextInt(100));
        }
        ArrayDeque<Integer> children = new ArrayDeque<>();
        for (int i = dice.nextInt(5, 30); i > 0; i--) {
            long at = 0x7f00_0000_0000L + dice.nextInt(16) * 0x10000L;
            long length = dice.nextInt(1, 32) * 4096L;
            switch (dice.nextInt(depth < 3 ? 11 : 9)) {
                case 0, 1 ->
                    call(pid, "mmap(NULL, %d, %s, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x%x", length, prot(), at);
                case 2 -> call(pid, "mmap(NULL, %d, %s, MAP_PRIVATE, 4, 0) = 0x%x", length, prot(), at);
                case 3 -> call(pid, "mmap(NULL, %d, PROT_READ, MAP_SHARED, 4, 0) = 0x%x", length, at);
                case 4 -> call(pid, "munmap(0x%x, %d) = 0", at + dice.nextInt(4) * 4096L, length);
                case 5, 6 -> call(pid, "mprotect(0x%x, %d, %s) = 0", at + dice.nextInt(4) * 4096L, length, prot());
                case 7 -> {
                    brk = Math.max(heap == 0 ? brk : heap, brk + (dice.nextInt(24) - 8) * 4096L);
                    call(pid, "brk(0x%x) = 0x%x", brk, brk);
                }
                case 8 -> call(pid, "madvise(0x%x, %d, MADV_DONTNEED) = 0", at, length);
                default -> children.add(child(pid, depth, brk));
            }
            if (dice.nextInt(4) == 0 && !children.isEmpty()) {
                reap(pid, children.poll());
            }
        }
        while (!children.isEmpty()) {
            reap(pid, children.poll());
        }
        lines.add(pid + " +++ exited with 0 +++");
    }

    private int child(int pid, int depth, long brk) {
        int child = ++pids;
        boolean fork = dice.nextBoolean();
        if (fork) {
            call(pid, "clone(child_stack=NULL, flags=SIGCHLD) = %d", child);
            process(child, depth + 1, dice.nextInt(3) == 0, brk);
        } else {
            lines.add(pid + " vfork( <unfinished ...>");
            process(child, depth + 1, dice.nextInt(4) != 0, brk);
            lines.add(pid + " <... vfork resumed>) = " + child);
        }
        return child;
    }

    private void reap(int pid, int child) {
        call(pid, "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = %d", child);
    }

    private String prot() {
        return PROTS[dice.nextInt(PROTS.length)];
    }

    private void call(int pid, String format, Object... args) {
        lines.add(pid + " " + String.format(format, args));
    }
}
